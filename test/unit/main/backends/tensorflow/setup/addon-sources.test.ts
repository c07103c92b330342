import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findUp } from '../../../../../../main/backends/find-up.ts';
import { addonKey, addonSources } from '../../../../../../main/backends/tensorflow/setup/addon-sources.ts';

const binding = findUp('node_modules', '@tensorflow', 'tfjs-node-gpu', 'binding');
if (!binding)
  console.warn('The sources of the TensorFlow addon are not tested: tfjs-node-gpu is not installed');

describe.skipIf(!binding)('sources of the addon', () => {
  let copy: string;
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'filigree-binding-'));
    cpSync(binding!, copy, { recursive: true });
  });
  afterEach(() => rmSync(copy, { recursive: true }));

  const change = (file: string, from: string, to: string) => {
    const path = join(copy, file);
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
  };

  test('are the binding with its patches, and the extension', () => {
    const sources = addonSources(copy)!;
    expect(sources.get('tfjs_backend.cc')).toContain(
      'static thread_local std::set<std::string> ATTR_NAME_SET;',
    );
    expect(sources.get('tfjs_backend.h')).toContain('friend struct BackendAccess;');
    expect(sources.get('tfjs_binding.cc')).toContain('return InitExtension(env, exports);');
    expect(sources.has('function_graph.cc')).toBe(true);
  });

  test('of another release, which the patches do not fit, are refused by the name of the file', () => {
    change('tfjs_backend.cc', 'static std::set<std::string> ATTR_NAME_SET;', 'std::set<std::string> NAMES;');
    expect(() => addonSources(copy)).toThrow(
      'tfjs_backend.cc of tfjs-node-gpu is not the one that Filigree patches',
    );
  });

  test('give another key when they, the flags or the libraries change', () => {
    const key = addonKey(addonSources(copy)!, ['-O2', 'libtensorflow_cc.so.2']);
    expect(addonKey(addonSources(copy)!, ['-O2', 'libtensorflow_cc.so.2'])).toBe(key);
    expect(addonKey(addonSources(copy)!, ['-O3', 'libtensorflow_cc.so.2'])).not.toBe(key);
    change('utils.h', '#define MAX_TENSOR_SHAPE 4', '#define MAX_TENSOR_SHAPE 6');
    expect(addonKey(addonSources(copy)!, ['-O2', 'libtensorflow_cc.so.2'])).not.toBe(key);
  });
});

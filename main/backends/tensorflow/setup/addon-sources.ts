import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findUp } from '../../find-up.ts';

/** A change of tfjs-node-gpu's binding; `from` must be there exactly once, so that another release cannot be spoilt. */
interface Patch {
  file: string;
  from: string;
  to: string;
}

const patches: readonly Patch[] = [
  {
    // Threads that train side by side must not write to one set without a lock.
    file: 'tfjs_backend.cc',
    from: 'static std::set<std::string> ATTR_NAME_SET;',
    to: 'static thread_local std::set<std::string> ATTR_NAME_SET;',
  },
  {
    file: 'tfjs_backend.h',
    from: ' private:\n  TFJSBackend(napi_env env);',
    to: ' private:\n  friend struct BackendAccess;\n  TFJSBackend(napi_env env);',
  },
  { file: 'tfjs_binding.cc', from: '#include "utils.h"', to: '#include "utils.h"\n#include "extension.h"' },
  {
    file: 'tfjs_binding.cc',
    from: '#undef EXPORT_INT_PROPERTY\n\n  return exports;',
    to: '#undef EXPORT_INT_PROPERTY\n\n  return InitExtension(env, exports);',
  },
];

/** The C++ that the addon is built from, by file name. */
export type AddonSources = ReadonlyMap<string, string>;

/**
 * tfjs-node-gpu's binding with our patches, and our extension of it. Undefined where they are not part of this
 * installation of the product: a packaged application has the built addon instead.
 * @throws Error where a patch does not fit the binding
 */
export function addonSources(
  binding = findUp('node_modules', '@tensorflow', 'tfjs-node-gpu', 'binding'),
  extension = findUp('main', 'backends', 'tensorflow', 'native'),
): AddonSources | undefined {
  if (!binding || !extension) return undefined;
  const sources = new Map<string, string>();
  for (const folder of [binding, extension]) {
    for (const name of readdirSync(folder).sort()) {
      if (/\.(cc|h)$/.test(name)) sources.set(name, readFileSync(join(folder, name), 'utf8'));
    }
  }
  for (const { file, from, to } of patches) {
    const parts = (sources.get(file) ?? '').split(from);
    if (parts.length !== 2) throw new Error(`${file} of tfjs-node-gpu is not the one that Filigree patches`);
    sources.set(file, parts.join(to));
  }
  return sources;
}

/** What an addon is known by: changes with its sources, compiler flags and libraries. */
export function addonKey(sources: AddonSources, settings: readonly string[]): string {
  const hash = createHash('sha256').update(settings.join('\0'));
  for (const [name, text] of sources) hash.update(`\0${name}\0${text}`);
  return hash.digest('hex').slice(0, 16);
}

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'vitest';
import { dawnSetUp } from '../../main/backends/webgpu/set-up.ts';
import { findBrowser } from '../../scripts/browser.mjs';
import { root } from '../../scripts/setup.mjs';

const driver = 'vk_swiftshader_icd.json';
const places = [process.env.FILIGREE_SWIFTSHADER, '/usr/lib/chromium', dirname(findBrowser() ?? '')];

/**
 * What a process must be started with to find a GPU on a machine without one: SwiftShader, the imitation that Chromium
 * brings along, behind Chromium's own Vulkan loader; and Dawn, installed once into `build/engines`. Says aloud why
 * nothing is tested where one of them cannot be had.
 */
export async function dawnEnvironment(): Promise<Record<string, string> | undefined> {
  const folder = places.find((place) => place && existsSync(join(place, driver)));
  if (!folder) return skip(`no ${driver} in any of ${places.filter(Boolean).join(', ')}`);
  const engines = join(root, 'build', 'engines');
  process.env.FILIGREE_ENGINES = engines;
  try {
    await dawnSetUp.install({ onProgress() {} });
  } catch (error) {
    return skip((error as Error).message);
  }
  return {
    FILIGREE_ENGINES: engines,
    LD_LIBRARY_PATH: folder,
    VK_ICD_FILENAMES: join(folder, driver),
  };
}

function skip(reason: string): undefined {
  console.warn(`The WebGPU engine is not tested in Node: ${reason}`);
  test.skip(`WebGPU in Node (${reason})`);
  return undefined;
}

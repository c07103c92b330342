import { chromium, type Browser } from '@playwright/test';
import { findBrowser } from '../../scripts/browser.mjs';

/** Without the network switches Chromium spends its start on lookups that a closed network refuses. */
const switches = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** Starts the installed browser without a window. @param graphics by default there is none */
export const launchChromium = (graphics: readonly string[] = ['--disable-gpu']): Promise<Browser> =>
  chromium.launch({ executablePath: findBrowser(), args: [...switches, ...graphics] });

/** A GPU that Chromium imitates on the CPU, for pages that compute on one. */
export const swiftShader = [
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  '--use-webgpu-adapter=swiftshader',
];

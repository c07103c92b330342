import { chromium, type Browser } from '@playwright/test';
import { findBrowser } from '../../scripts/browser.mjs';

/** Without the network switches Chromium spends its start on lookups that a closed network refuses. */
const switches = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** Starts the installed browser without a window. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: findBrowser(), args: switches });

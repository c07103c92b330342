import type { WebPreferences } from 'electron';

/**
 * How every page of the application runs: sandboxed, without Node, with nothing but what its preload script gives it.
 * Pages compute and draw on while they are hidden: live charts behind another window, a network in no window at all.
 */
export const sandboxed = (preload: string): WebPreferences => ({
  preload,
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  webviewTag: false,
  spellcheck: false,
  backgroundThrottling: false,
});

import { defineConfig } from '@playwright/test';
import type { ShellOptions } from './fixtures.ts';

const report = process.env.FILIGREE_TEST_REPORT;

// One suite, two shells: the same story in a browser and in Electron, wherever its binary exists.
export default defineConfig<object, ShellOptions>({
  testDir: '.',
  outputDir: '../../out/e2e',
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 15_000 },
  use: { actionTimeout: 15_000 },
  reporter: report ? [['list'], ['json', { outputFile: `${report}/e2e.json` }]] : [['list']],
  projects: [
    { name: 'browser', use: { shell: 'browser' }, testIgnore: 'screens.spec.ts' },
    { name: 'electron', use: { shell: 'electron' }, testIgnore: 'screens.spec.ts' },
    // `npm run screens`: takes the pictures of test/e2e/screens; not part of the tests.
    { name: 'screens', use: { shell: 'browser' }, testMatch: 'screens.spec.ts' },
  ],
});

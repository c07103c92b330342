import type { Page } from '@playwright/test';
import { openWorkspace } from '../../../main/app/workspace.ts';
import { RunStore } from '../../../main/store/run-store.ts';
import { generateRuns } from '../../support/many-runs.ts';
import { median } from '../support.ts';
import { withWorkbench } from './browser.ts';
import type { Figure } from './index.ts';

const count = 5000;

/** Typing into the filter of a table of 5 000 runs. */
export async function manyRuns(folder: string): Promise<Figure[]> {
  const store = RunStore.open(openWorkspace(folder).database);
  generateRuns(store, count, 1);
  store.close();
  return withWorkbench(folder, async ({ page, visit }) => {
    await visit('/runs');
    await page.getByRole('row').nth(5).waitFor();
    const filter = page.getByPlaceholder(/Filter/);
    const times: number[] = [];
    for (const text of ['rigl', 'method:set', 'accuracy>0.85', 'density<=0.1 linbreg']) {
      await filter.fill('');
      await page.waitForTimeout(500);
      await filter.focus();
      for (const key of text) times.push(await timeKey(page, key));
    }
    const slowest = Math.max(...times).toFixed(0);
    const how = `from the key to the second frame after it, median of ${times.length} keys; slowest ${slowest} ms`;
    return [{ what: `filter ${count} runs`, measured: median(times), limit: 100, unit: 'ms', how }];
  });
}

async function timeKey(page: Page, key: string): Promise<number> {
  const elapsed = await page.evaluateHandle(() => ({
    ms: new Promise<number>((resolve) =>
      addEventListener(
        'keydown',
        ({ timeStamp }) =>
          requestAnimationFrame(() => requestAnimationFrame((now) => resolve(now - timeStamp))),
        { once: true, capture: true },
      ),
    ),
  }));
  await page.keyboard.press(key);
  return elapsed.evaluate(({ ms }) => ms);
}

import { median } from '../support.ts';
import { withWorkbench } from './browser.ts';
import type { Figure } from './index.ts';

/** A reload of the workbench: until the browser paints anything of it, and until the runs view can be used. */
export async function firstPaint(folder: string): Promise<Figure[]> {
  return withWorkbench(folder, async ({ page }) => {
    const paints: number[] = [];
    const usable: number[] = [];
    for (let round = 0; round < 7; round++) {
      await page.reload({ waitUntil: 'commit' });
      await page.getByRole('button', { name: 'Train the quick start' }).waitFor();
      usable.push(await page.evaluate(() => performance.now()));
      paints.push(
        await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime),
      );
    }
    const limit = 1500;
    return [
      { what: 'first paint', measured: median(paints), limit, unit: 'ms', how: 'first-contentful-paint' },
      {
        what: 'usable',
        measured: median(usable),
        limit,
        unit: 'ms',
        how: 'until the runs view has its buttons',
      },
    ];
  });
}

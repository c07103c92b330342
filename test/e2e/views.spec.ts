import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type App } from './fixtures.ts';
import { filigree } from './sample-runs.ts';

// Every view on one workspace with two finished runs: accessible, reachable by keyboard and by its address.

let workspace: string;
let ids: string[];

test.beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'filigree-views-'));
  const short = ['--epochs', '2', '--quiet', '--json'];
  ids = [];
  for (const preset of ['quickstart', 'quickstart-dense']) {
    const output = await filigree(workspace, 'train', '--preset', preset, ...short);
    ids.push(/"id":"([0-9A-Z]{26})"/.exec(output)![1]);
  }
});
test.afterAll(() => rm(workspace, { recursive: true, force: true }));

const views: [name: string, path: () => string, ready: string | RegExp][] = [
  ['runs', () => '/runs', /ml-linbreg/],
  ['runs as a scatter', () => '/runs?view=scatter', /accuracy/i],
  ['new run', () => '/new', 'Ready to train'],
  ['run', () => `/runs/${ids[0]}`, 'Finished'],
  ['masks', () => `/runs/${ids[0]}/masks`, 'fc1.weight'],
  ['comparison', () => `/compare?ids=${ids.join()}`, /accuracy/i],
  ['data sets', () => '/datasets', /Fashion-MNIST/],
  ['settings', () => '/settings', 'General'],
  ['component gallery', () => '/gallery', /Button/],
  ['unknown address', () => '/nowhere', /nothing|not found|no view/i],
];

for (const theme of ['dark', 'light'] as const) {
  test(`every view is free of accessibility violations, ${theme} theme`, async ({ open }) => {
    const app = await open({ workspace, theme });
    for (const [name, path, ready] of views) {
      await test.step(name, async () => {
        await visit(app, path(), ready);
        // The gallery shows everything twice, once in each theme.
        const rules = name === 'component gallery' ? ['landmark-unique'] : [];
        const { violations } = await new AxeBuilder({ page: app.page }).disableRules(rules).analyze();
        const found = violations.map(
          ({ id, nodes }) => `${name}: ${id} at ${nodes.map(({ target }) => target.join(' ')).join('; ')}`,
        );
        expect.soft(found).toEqual([]);
      });
    }
    expect(app.consoleErrors).toEqual([]);
    await app.close();
  });
}

async function visit({ page }: App, path: string, ready: string | RegExp): Promise<void> {
  await page.goto(new URL(`#${path}`, page.url()).href);
  await expect(page.getByText(ready).first()).toBeVisible();
  // Charts and pictures arrive after the text.
  await page.waitForTimeout(500);
}

test('an export needs no mouse, and its dialog has no accessibility violations', async ({ open }) => {
  const { page, close, consoleErrors } = await open({ workspace, to: `/runs/${ids[0]}`, theme: 'light' });
  await expect(page.getByTestId('run-state').first()).toHaveText('Finished');
  const expectAccessible = async () => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
  };
  await page.keyboard.press('e');
  await expect(page.getByRole('checkbox', { name: /^safetensors \.safetensors/ })).toBeFocused();
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Export', exact: true }).last()).toBeDisabled();
  await page.keyboard.press('Space');
  await expectAccessible();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('self-check')).toBeVisible({ timeout: 60_000 });
  await expectAccessible();
  await page.getByRole('tab', { name: /Load it/ }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('document', { name: 'Model card' })).toBeVisible();
  await expectAccessible();
  expect(consoleErrors).toEqual([]);
  await close();
});

test('palette and shortcuts reach everything without a mouse', async ({ open }) => {
  const { page, close } = await open({ workspace });
  await expect(page.getByText(/ml-linbreg/).first()).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('Command palette');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+K');
  await page.keyboard.type('settings');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/settings/);
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await expect(page).toHaveURL(/\/datasets/);
  await page.keyboard.press('Control+K');
  await page.keyboard.type('linbreg');
  await expect(page.getByRole('option', { name: /ml-linbreg/ }).first()).toBeVisible();
  await page.keyboard.press('Escape');
  await close();
});

test('a deleted run comes back by undo', async ({ open }) => {
  const { page, close } = await open({ workspace, to: `/runs/${ids[1]}` });
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: /Delete/ }).click();
  await expect(page).toHaveURL(/\/runs$/);
  await expect(page.getByRole('row', { name: /sgd/ })).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('row', { name: /sgd/ })).toBeVisible();
  await close();
});

test('a pane keeps the pixels that the user gave it, in windows of other sizes too', async ({ open }) => {
  const { page, close } = await open({
    workspace,
    to: `/runs/${ids[0]}/masks`,
    size: { width: 1900, height: 900 },
  });
  const list = page.getByRole('grid', { name: 'Layers with masks' });
  const border = page.getByRole('separator', { name: 'Resize the layer list' });
  const widthOf = async () => (await border.boundingBox())!.x - (await page.locator('main').boundingBox())!.x;
  await expect(list).toBeVisible();
  const { x, y } = (await border.boundingBox())!;
  await page.mouse.move(x, y + 200);
  await page.mouse.down();
  await page.mouse.move(x - 120, y + 200, { steps: 5 });
  await page.mouse.up();
  const width = await widthOf();
  expect(width).toBeLessThan(400);
  await page.setViewportSize({ width: 1100, height: 700 });
  const change = async () => Math.abs((await widthOf()) - width);
  await expect.poll(change).toBeLessThan(2);
  await page.reload();
  await expect(list).toBeVisible();
  expect(await change()).toBeLessThan(2);
  await close();
});

test('the theme and the queue survive a reload', async ({ open }) => {
  const { page, close } = await open({ workspace, to: '/settings' });
  await page.getByRole('radio', { name: 'Light' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await expect(page.getByRole('radio', { name: 'Light' })).toBeChecked();
  await page.getByRole('radio', { name: 'System' }).click();
  await close();
});

import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { ModelCard } from '../../shared/model-card.ts';
import { decodeSafetensors } from '../../shared/safetensors.ts';
import { expect, test } from './fixtures.ts';

// The whole story of a new user on real images, in one window: each step builds on the ones before.

const runId = (page: Page) => /\/runs\/([0-9A-Z]{26})/.exec(page.url())![1];
const state = (page: Page) => page.getByRole('main').getByTestId('run-state').first();

/** Completed steps of the run in view. */
async function stepOf(page: Page): Promise<number> {
  const text = await page.getByTestId('run-step').innerText();
  return Number(text.split('/')[0].replace(/\D/g, ''));
}

/** The step of the newest point that the chart has drawn. */
async function drawnStep(page: Page, chart: string): Promise<number> {
  const drawn = page.getByRole('region', { name: chart, exact: true }).locator('[data-last-step]');
  return Number(await drawn.first().getAttribute('data-last-step'));
}

async function startRun(page: Page, epochs?: number): Promise<string> {
  await page.keyboard.press('c');
  await expect(page.getByRole('heading', { name: 'New run' })).toBeVisible();
  await page.getByRole('button', { name: 'Quick start: ML-LinBreg', exact: true }).click();
  if (epochs) await page.getByLabel('Epochs', { exact: true }).fill(String(epochs));
  await expect(page.getByText('Ready to train')).toBeVisible();
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page).toHaveURL(/\/runs\/[0-9A-Z]{26}/);
  return runId(page);
}

test('train, watch, pause, inspect, compare, export, survive a crash', async ({ open, workspace }) => {
  test.setTimeout(420_000);
  let app = await open({ workspace });
  let { page } = app;

  await test.step('first start: one click to a first run', async () => {
    await page.getByRole('button', { name: 'Train the quick start' }).click();
    await expect(page.getByText('Ready to train')).toBeVisible();
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await expect(page).toHaveURL(/\/runs\/[0-9A-Z]{26}/);
    await expect(state(page)).toHaveText('Finished', { timeout: 120_000 });
  });
  const sparse = runId(page);

  await test.step('the result is in the table', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('r');
    const row = page.getByRole('row', { name: /ML-LinBreg/ });
    const accuracy = Number(/(\d\d\.\d\d)\s%/.exec(await row.innerText())![1]);
    expect(accuracy).toBeGreaterThan(80);
  });

  const long = await test.step('a long run: its charts move while it trains', async () => {
    const id = await startRun(page, 3000);
    await expect(state(page)).toHaveText('Running', { timeout: 60_000 });
    await expect.poll(() => drawnStep(page, 'Loss'), { timeout: 30_000 }).toBeGreaterThan(0);
    const before = await drawnStep(page, 'Loss');
    await expect.poll(() => drawnStep(page, 'Loss')).toBeGreaterThan(before);
    return id;
  });

  await test.step('pause stands still, continue goes on', async () => {
    await page.keyboard.press('p');
    await expect(state(page)).toHaveText('Paused');
    await page.waitForTimeout(1500);
    const paused = await stepOf(page);
    await page.waitForTimeout(1500);
    expect(await stepOf(page)).toBe(paused);
    await page.keyboard.press('p');
    await expect(state(page)).toHaveText('Running');
    await expect.poll(() => stepOf(page)).toBeGreaterThan(paused);
  });

  await test.step('the inspector follows the masks', async () => {
    await page.keyboard.press('m');
    await expect(page).toHaveURL(/\/masks/);
    await expect(page.getByRole('main').getByText('fc1.weight').first()).toBeVisible();
    const newest = () => page.getByRole('slider', { name: /snapshot/i }).getAttribute('aria-valuenow');
    const before = await newest();
    await expect.poll(newest, { timeout: 60_000 }).not.toBe(before);
    await page.goBack();
  });

  await test.step('kill -9 of the host in mid-run loses nothing', async () => {
    await expect(state(page)).toHaveText('Running');
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Checkpoint now' }).click();
    const before = await stepOf(page);
    await app.kill();
    app = await open({ workspace, to: `/runs/${long}` });
    page = app.page;
    await expect(state(page)).toHaveText('Lost');
    await page.getByRole('button', { name: 'Resume' }).first().click();
    await expect(state(page)).toHaveText('Running', { timeout: 60_000 });
    await expect.poll(() => stepOf(page), { timeout: 60_000 }).toBeGreaterThan(before);
    await page.keyboard.press('Shift+S');
    await expect(state(page)).toHaveText('Stopped', { timeout: 30_000 });
  });

  await test.step('compare two runs', async () => {
    await page.goto(new URL(`#/compare?ids=${sparse},${long}`, page.url()).href);
    await expect(page.getByRole('region', { name: /accuracy/i }).first()).toBeVisible();
    await expect(page.getByRole('row', { name: /epochs/i })).toContainText('3000');
  });

  await test.step('export in two formats, and open the files and the card again', async () => {
    await page.goto(new URL(`#/runs/${sparse}`, page.url()).href);
    await expect(state(page)).toHaveText('Finished');
    await page.keyboard.press('e');
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('checkbox', { name: /^safetensors \.safetensors/ })).toBeChecked();
    await dialog.getByRole('checkbox', { name: /^ONNX \.onnx/ }).check();
    await dialog.getByRole('switch', { name: 'Remove dead units' }).click();
    await expect(dialog.getByTestId('export-preview')).toContainText(/Parameters.*\d.* → \d/);
    await dialog.getByRole('button', { name: 'Export 2 formats' }).click();
    const check = dialog.getByTestId('self-check');
    await expect(check).toContainText(/ONNX Runtime .* on 32 test samples of Fashion-MNIST/, {
      timeout: 60_000,
    });
    await expect(check).toContainText(/differ by at most \d/);
    await dialog.getByRole('tab', { name: 'Model card' }).click();
    await expect(dialog.getByRole('document', { name: 'Model card' })).toContainText('fc1.weight');

    const folder = join(workspace, 'exports');
    const files = await readdir(folder);
    const named = (end: RegExp) =>
      join(
        folder,
        files.find((file) => end.test(file))!,
      );
    const { tensors } = decodeSafetensors(await readFile(named(/\.safetensors$/)));
    const weightOf = (layer: string) => tensors.find(({ name }) => name === `${layer}.weight`)!;
    const { shape, data } = weightOf('fc1');
    expect(shape[1]).toBe(784);
    const nonzero = (data as Float32Array).filter((value) => value !== 0).length;
    expect(nonzero / data.length).toBeGreaterThan(0.01);
    expect(nonzero / data.length).toBeLessThan(0.3);
    // Dead units are gone.
    expect(weightOf('fc2').shape[0]).toBeLessThan(80);
    expect(weightOf('fc3').shape).toEqual([10, weightOf('fc2').shape[0]]);
    const card = JSON.parse(await readFile(named(/\.onnx\.card\.json$/), 'utf8')) as ModelCard;
    expect(card).toMatchObject({ run: { id: sparse }, file: { format: 'onnx', transforms: ['shrink'] } });
    expect(await readFile(named(/\.onnx\.card\.md$/), 'utf8')).toContain('onnxruntime.InferenceSession');
  });

  expect(app.consoleErrors).toEqual([]);
});

import type { ReportRow } from '../../masks/engine.ts';
import type { EngineWorker } from '../../masks/client.ts';
import type { Scene } from '../../masks/scene.ts';
import { tileSize } from '../../masks/tiles.ts';
import type { MaskLayer } from '../../../shared/masks.ts';
import { UserError } from '../../../shared/errors.ts';

/** Canvases of browsers end about here. */
export const maxPictureSize = 8192;

/** Offers bytes or text to the user as a file. */
export function download(file: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = Object.assign(document.createElement('a'), { href: url, download: file });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/**
 * The whole matrix in the colours it is shown in, one pixel per weight.
 * @throws UserError `too-large` beyond 8192 rows or columns
 */
export async function matrixPng(
  engine: Pick<EngineWorker, 'call'>,
  scene: Scene,
  { rows, columns }: { rows: number; columns: number },
): Promise<Blob> {
  if (Math.max(rows, columns) > maxPictureSize) {
    const text = `a picture of ${rows} × ${columns} is too large: at most ${maxPictureSize} rows and columns`;
    throw new UserError('too-large', text);
  }
  const canvas = document.createElement('canvas');
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext('2d')!;
  for (let row = 0; row * tileSize < rows; row++) {
    for (let column = 0; column * tileSize < columns; column++) {
      const { bitmap } = await engine.call('tile', { scene, at: { level: 0, row, column } });
      context.drawImage(bitmap, column * tileSize, row * tileSize);
      bitmap.close();
    }
  }
  return canvasPng(canvas);
}

export function canvasPng(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture could not be made')))),
  );
}

const columns: readonly [string, (layer: MaskLayer, row: ReportRow) => string | number][] = [
  ['layer', ({ name }) => `"${name.replaceAll('"', '""')}"`],
  ['step', (_, { step }) => step],
  ['rows', ({ rows }) => rows],
  ['columns', ({ columns: count }) => count],
  ['nonzeros', (_, { nnz }) => nnz],
  ['density', ({ rows, columns: count }, { nnz }) => nnz / (rows * count)],
  ['born', (_, { born }) => born],
  ['died', (_, { died }) => died],
  ['regrown', (_, { regrown }) => regrown],
  ['explored', (_, { explored }) => explored],
  ['dead_rows', (_, { deadRows }) => deadRows],
  ['dead_columns', (_, { deadColumns }) => deadColumns],
  ['row_gini', (_, { rowGini }) => rowGini],
  ['column_gini', (_, { columnGini }) => columnGini],
];

/** Statistics of layers at all of their snapshots as CSV. */
export function reportCsv(reports: readonly { layer: MaskLayer; rows: readonly ReportRow[] }[]): string {
  const lines = reports.flatMap(({ layer, rows }) =>
    rows.map((row) => columns.map(([, read]) => read(layer, row)).join(',')),
  );
  return [columns.map(([name]) => name).join(','), ...lines, ''].join('\n');
}

import { UserError, show } from '../../shared/errors.ts';
import { condensed } from './condensed.ts';
import type { Exporter } from './exporter.ts';
import { masks } from './masks.ts';
import { matrixMarket } from './matrix-market.ts';
import { npz } from './npz.ts';
import { onnx, onnxSparse } from './onnx.ts';
import { safetensorsCsr } from './safetensors-csr.ts';
import { safetensors } from './safetensors.ts';
import { scipy } from './scipy.ts';
import { statistics } from './statistics.ts';
import { tfjs } from './tfjs.ts';

/** Every format, in the order in which the window and the command line offer them. */
export const exporters: readonly Exporter[] = [
  safetensors,
  onnx,
  tfjs,
  npz,
  safetensorsCsr,
  onnxSparse,
  scipy,
  matrixMarket,
  condensed,
  masks,
  statistics,
];

/** @throws UserError `unknown-format` */
export function exporterById(id: string): Exporter {
  const found = exporters.find((exporter) => exporter.id === id);
  if (found) return found;
  const known = exporters.map((exporter) => exporter.id).join(', ');
  throw new UserError(
    'unknown-format',
    `format: ${show(id)} is not an export format; accepted: ${known}`,
    'format',
  );
}

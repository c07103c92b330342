import { UserError, show } from '../../shared/errors.ts';
import type { Exporter } from './exporter.ts';
import { npz } from './npz.ts';
import { onnx, onnxSparse } from './onnx.ts';
import { safetensorsCsr } from './safetensors-csr.ts';
import { safetensors } from './safetensors.ts';
import { scipy } from './scipy.ts';
import { tfjs } from './tfjs.ts';

export const exporters: readonly Exporter[] = [
  safetensors,
  safetensorsCsr,
  onnx,
  onnxSparse,
  npz,
  scipy,
  tfjs,
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

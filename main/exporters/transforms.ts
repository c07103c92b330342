import { UserError, show } from '../../shared/errors.ts';
import { foldBatchNorm } from './fold-batch-norm.ts';
import { shrink } from './shrink/shrink.ts';
import type { TrainedModel } from './trained-model.ts';

/**
 * Makes another network with the same outputs, to be written in any format. Adding one is one file and one line here;
 * the window and the command line (`--<id>`) offer it.
 */
export interface Transform {
  id: string;
  title: string;
  /** What it does to the network. */
  summary: string;
  /** Leaves the given model as it is. */
  apply(model: TrainedModel): TrainedModel;
}

/** In the order in which they are applied. */
export const transforms: readonly Transform[] = [foldBatchNorm, shrink];

/**
 * The transforms of these ids, in the order in which they are applied.
 * @throws UserError `unknown-transform`
 */
export function transformsById(ids: readonly string[]): Transform[] {
  for (const id of ids) {
    if (transforms.some((transform) => transform.id === id)) continue;
    const known = transforms.map((transform) => transform.id).join(', ');
    throw new UserError(
      'unknown-transform',
      `transforms: ${show(id)} is not a transform of a network; accepted: ${known}`,
      'transforms',
    );
  }
  return transforms.filter(({ id }) => ids.includes(id));
}

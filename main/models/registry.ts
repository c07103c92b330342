import { UserError, show } from '../../shared/errors.ts';
import { convnet } from './convnet.ts';
import { lenet5 } from './lenet5.ts';
import { mlp } from './mlp.ts';
import type { Model } from './model.ts';
import { resnet18, resnet20 } from './resnet.ts';
import { vgg16 } from './vgg16.ts';
import { wideresnet } from './wideresnet.ts';

export const models: readonly Model[] = [mlp, lenet5, convnet, vgg16, resnet20, resnet18, wideresnet];

/** @throws UserError `unknown-model` listing the known ones */
export function modelById(id: string): Model {
  const model = models.find((m) => m.id === id);
  if (model) return model;
  throw new UserError(
    'unknown-model',
    `model.id: ${show(id)} is not one of ${models.map((m) => m.id).join(', ')}`,
    'model.id',
  );
}

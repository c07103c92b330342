import type { Catalog } from '../../shared/catalog.ts';
import { engineFields, trainingFields } from '../../shared/run.ts';
import { augmentationFields } from '../datasets/augmentation.ts';
import { datasets } from '../datasets/registry.ts';
import { exporters } from '../exporters/registry.ts';
import { transforms } from '../exporters/transforms.ts';
import { presets } from '../methods/presets.ts';
import { methods } from '../methods/registry.ts';
import { models } from '../models/registry.ts';
import { scheduleFields } from '../training/schedule.ts';

/** Everything a run can be made of, as plain data. */
export function describeCatalog(): Catalog {
  return {
    models: models.map(({ id, title, summary, paper, fields }) => ({ id, title, summary, paper, fields })),
    datasets: datasets.map(({ id, title, summary, fields }) => ({ id, title, summary, fields })),
    methods: methods.map(({ id, title, summary, paper, taxonomy, extension = false, fields }) => ({
      ...{ id, title, summary, paper, taxonomy, extension, fields },
    })),
    training: trainingFields,
    schedule: scheduleFields,
    augmentation: augmentationFields,
    engine: engineFields,
    presets: [...presets],
    exporters: exporters.map(({ id, title, group, summary, extension, snippet }) => ({
      ...{ id, title, group, summary, extension, snippet },
    })),
    transforms: transforms.map(({ id, title, summary }) => ({ id, title, summary })),
  };
}

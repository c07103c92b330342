import type { Fields, Values } from '../../shared/fields.ts';
import { engineFields, trainingFields, type RunConfig } from '../../shared/run.ts';
import { choiceGroups, groups } from '../../shared/train-command.ts';
import { augmentationFields } from '../datasets/augmentation.ts';
import { datasetById } from '../datasets/registry.ts';
import { methodById } from '../methods/registry.ts';
import { modelById } from '../models/registry.ts';
import { scheduleFields } from '../training/schedule.ts';

type Group = (typeof groups)[number];

const fieldsOf: Record<Group, (config: RunConfig) => Fields> = {
  method: ({ method }) => methodById(method.id).fields,
  model: ({ model }) => modelById(model.id).fields,
  dataset: ({ dataset }) => datasetById(dataset.id).fields,
  training: () => trainingFields,
  schedule: () => scheduleFields,
  augmentation: () => augmentationFields,
  engine: () => engineFields,
};

const isChoice = (group: Group): group is (typeof choiceGroups)[number] =>
  (choiceGroups as readonly string[]).includes(group);

/** The settings of a config by group, with the fields that describe them. */
export function configGroups(
  config: RunConfig,
): { group: Group; id: string | undefined; fields: Fields; values: Values }[] {
  return groups.map((group) => ({
    group,
    id: isChoice(group) ? config[group].id : undefined,
    fields: fieldsOf[group](config),
    values: isChoice(group) ? config[group].values : (config[group] as Values),
  }));
}

/** The shortest config that means the same: settings that have their default are left out. */
export function shortConfig(config: RunConfig): Record<string, unknown> {
  const short = configGroups(config).map(({ group, id, fields, values }) => {
    const changed = Object.entries(values).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(fields[key]?.default),
    );
    return [group, { ...(id !== undefined && { id }), ...Object.fromEntries(changed) }];
  });
  return { name: config.name, ...Object.fromEntries(short) };
}

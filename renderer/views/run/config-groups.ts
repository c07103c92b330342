import type { Catalog } from '../../../shared/catalog.ts';
import type { RunConfig } from '../../../shared/run.ts';
import { sameValue, showValue } from '../../form/same.ts';
import { isVisible } from '../../form/visible.ts';
import { entryOf, fieldsOf, groups, isChoice, type Group } from '../new-run/draft.ts';

export interface ConfigRow {
  key: string;
  /** As on the command line and in tables: `method.lambda`. */
  path: string;
  label: string;
  help: string;
  value: string;
  /** The value it is compared with, where that is another one. */
  changedFrom: string | undefined;
}

export interface ConfigGroup {
  title: string;
  /** Title of the chosen method, model or data set. */
  entry: string | undefined;
  rows: ConfigRow[];
}

const titles: Record<Group, string> = {
  method: 'Method',
  model: 'Model',
  dataset: 'Data set',
  training: 'Training',
  schedule: 'Schedule',
  augmentation: 'Augmentation',
  engine: 'Engine',
};

/**
 * The settings of a run that are in use, by group.
 * @param base what to compare with; the defaults if left out
 */
export function configGroups(
  catalog: Catalog,
  config: RunConfig,
  base: RunConfig | undefined,
): ConfigGroup[] {
  const ids = { method: config.method.id, model: config.model.id, dataset: config.dataset.id };
  return groups.map((group) => {
    const fields = fieldsOf(catalog, ids, group);
    const values = valuesOf(config, group);
    const others = base && valuesOf(base, group);
    const rows = Object.entries(values).flatMap(([key, value]): ConfigRow[] => {
      const field = fields[key];
      if (field && !isVisible(fields, key, values)) return [];
      const before = others ? others[key] : field?.default;
      const unit = field && 'unit' in field && field.unit ? ` ${field.unit}` : '';
      return [
        {
          key,
          path: `${group}.${key}`,
          label: field?.label ?? key,
          help: field?.help ?? 'not a setting of this version',
          value: showValue(value) + unit,
          changedFrom: sameValue(value, before) ? undefined : showValue(before),
        },
      ];
    });
    const entry = isChoice(group) ? (entryOf(catalog, group, ids[group])?.title ?? ids[group]) : undefined;
    return { title: titles[group], entry, rows };
  });
}

function valuesOf(config: RunConfig, group: Group): Readonly<Record<string, unknown>> {
  return isChoice(group) ? config[group].values : config[group];
}

import { UserError, show } from '../../shared/errors.ts';
import { parseValues, type Fields, type Values } from '../../shared/fields.ts';
import {
  engineFields,
  trainingFields,
  type Choice,
  type RunConfig,
  type StartingWeights,
} from '../../shared/run.ts';
import { augmentationFields } from '../datasets/augmentation.ts';
import { datasetById } from '../datasets/registry.ts';
import { methodById } from '../methods/registry.ts';
import { modelById } from '../models/registry.ts';
import { scheduleFields } from './schedule.ts';

/** What a person writes: registry entries by id with their settings beside it, every group optional. */
export interface RawRunConfig {
  version?: unknown;
  name?: unknown;
  model?: unknown;
  dataset?: unknown;
  method?: unknown;
  training?: unknown;
  schedule?: unknown;
  augmentation?: unknown;
  engine?: unknown;
  start?: unknown;
}

const groups = [
  'version',
  'name',
  'model',
  'dataset',
  'method',
  'training',
  'schedule',
  'augmentation',
  'engine',
  'start',
];

/**
 * Turns a raw config (a JSON file, a form, flags) into a complete one: every default filled in, every value checked.
 * @throws UserError `bad-config` naming the first field that is wrong, its value and what would be accepted
 */
export function parseRunConfig(raw: unknown): RunConfig {
  const config = record(raw, 'config');
  for (const key of Object.keys(config)) {
    if (!groups.includes(key)) {
      throw new UserError('bad-config', `${key}: unknown setting; accepted: ${groups.join(', ')}`, key);
    }
  }
  if (config.version !== undefined && config.version !== 1) {
    throw new UserError(
      'bad-config',
      `version: ${show(config.version)} is not 1, the only config version so far`,
      'version',
    );
  }
  if (config.name !== undefined && typeof config.name !== 'string') {
    throw new UserError('bad-config', `name: ${show(config.name)} is not a text`, 'name');
  }
  const model = choice(config.model, 'model', 'mlp', (id) => modelById(id).fields);
  const dataset = choice(config.dataset, 'dataset', 'fashion-mnist-mini', (id) => datasetById(id).fields);
  const method = choice(config.method, 'method', 'ml-linbreg', (id) => methodById(id).fields);
  return {
    version: 1,
    name: (config.name as string | undefined) ?? `${method.id} on ${dataset.id}`,
    model,
    dataset,
    method,
    training: parseValues(trainingFields, record(config.training ?? {}, 'training'), 'training'),
    schedule: parseValues(scheduleFields, record(config.schedule ?? {}, 'schedule'), 'schedule'),
    augmentation: parseValues(
      augmentationFields,
      record(config.augmentation ?? {}, 'augmentation'),
      'augmentation',
    ),
    engine: parseValues(engineFields, record(config.engine ?? {}, 'engine'), 'engine'),
    ...(config.start !== undefined && { start: startingWeights(config.start) }),
  };
}

/** Accepts `"rigl"`, `{ "id": "rigl", "density": 0.1 }` and the stored form `{ id, values }`. */
function choice(raw: unknown, group: string, fallback: string, fieldsOf: (id: string) => Fields): Choice {
  if (raw === undefined) return choice(fallback, group, fallback, fieldsOf);
  if (typeof raw === 'string') return choice({ id: raw }, group, fallback, fieldsOf);
  const { id, values, ...rest } = record(raw, group);
  if (typeof id !== 'string') {
    throw new UserError(
      'bad-config',
      `${group}.id: ${show(id)} is not the name of a ${group}`,
      `${group}.id`,
    );
  }
  const given = values === undefined ? rest : { ...record(values, `${group}.values`), ...rest };
  return { id, values: parseValues(fieldsOf(id), given, group) as Values };
}

function startingWeights(raw: unknown): StartingWeights {
  const { run, step, sha256, ...rest } = record(raw, 'start');
  const fail = (key: string, value: unknown, accepted: string): never => {
    const field = `start.${key}`;
    throw new UserError('bad-config', `${field}: ${show(value)} is not ${accepted}`, field);
  };
  const [unknown] = Object.keys(rest);
  if (unknown) fail(unknown, rest[unknown], 'a setting of it; accepted: run, step, sha256');
  if (typeof run !== 'string' || !/^[0-9A-HJKMNP-TV-Z]{26}$/.test(run)) return fail('run', run, 'a run id');
  if (typeof step !== 'number' || !Number.isSafeInteger(step) || step < 0)
    return fail('step', step, 'a number of steps');
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))
    return fail('sha256', sha256, 'a SHA-256 in hexadecimal');
  return { run, step, sha256 };
}

function record(raw: unknown, group: string): Record<string, unknown> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw new UserError('bad-config', `${group}: ${show(raw)} is not an object of settings`, group);
  }
  return raw as Record<string, unknown>;
}

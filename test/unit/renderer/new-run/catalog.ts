import type { Catalog, MethodEntry } from '../../../../shared/catalog.ts';
import { defineFields } from '../../../../shared/fields.ts';
import { engineFields, trainingFields } from '../../../../shared/run.ts';

const rate = (value: number) => ({
  learningRate: {
    type: 'number' as const,
    label: 'Learning rate τ',
    help: 'Step size.',
    default: value,
    min: 0,
    max: 100,
    exclusiveMin: true,
    scale: 'log' as const,
  },
});

function method(id: string, title: string, fields: MethodEntry['fields'], sparse = true): MethodEntry {
  const kind = sparse ? 'sparse' : 'dense';
  return {
    id,
    title,
    summary: `${title} in one sentence.`,
    paper: { title: `About ${title}`, reference: 'arXiv 1911.11134' },
    taxonomy: {
      start: kind,
      end: kind,
      topology: sparse ? 'dynamic' : 'none',
      structure: 'unstructured',
    },
    extension: false,
    fields,
  };
}

/** A small catalog with one of everything that the form has to draw. */
export const catalog: Catalog = {
  methods: [
    method(
      'rigl',
      'RigL',
      defineFields({
        density: {
          type: 'number',
          label: 'Density',
          help: 'Share of active weights.',
          default: 0.1,
          min: 0,
          max: 1,
          exclusiveMin: true,
        },
        ...rate(0.1),
        nesterov: { type: 'boolean', label: 'Nesterov', help: '', default: false },
        momentum: {
          type: 'number',
          label: 'Momentum',
          help: '',
          default: 0.9,
          min: 0,
          max: 1,
          visibleWhen: { field: 'nesterov', is: [true] },
        },
      }),
    ),
    method(
      'set',
      'SET',
      defineFields({
        density: {
          type: 'number',
          label: 'Density',
          help: '',
          default: 0.2,
          min: 0,
          max: 0.5,
          exclusiveMin: true,
        },
        ...rate(0.1),
      }),
    ),
    method('adam', 'Adam', rate(0.001), false),
  ],
  models: [
    {
      id: 'mlp',
      title: 'Multilayer perceptron',
      summary: '',
      fields: defineFields({
        widths: {
          type: 'integers',
          label: 'Hidden widths',
          help: '',
          default: [200, 80],
          min: 1,
          max: 65536,
        },
      }),
    },
  ],
  datasets: [
    { id: 'fashion-mnist-mini', title: 'Fashion-MNIST mini', summary: '', fields: {} },
    {
      id: 'csv',
      title: 'Table (CSV)',
      summary: '',
      fields: defineFields({ folder: { type: 'text', label: 'Folder or file', help: '', default: '' } }),
    },
  ],
  training: trainingFields,
  schedule: defineFields({
    decay: {
      type: 'choice',
      label: 'Decay',
      help: '',
      default: 'cosine',
      options: [
        { value: 'cosine', label: 'cosine to 0' },
        { value: 'constant', label: 'none' },
      ],
    },
  }),
  augmentation: {},
  engine: engineFields,
  presets: [
    {
      id: 'first',
      title: 'First look',
      config: {
        model: { id: 'mlp', widths: [200, 80] },
        dataset: { id: 'fashion-mnist-mini' },
        method: { id: 'rigl', density: 0.05 },
        training: { epochs: 5 },
        schedule: {},
      },
      source: 'a first look',
    },
  ],
  exporters: [],
  transforms: [],
};

import { UserError } from '../../shared/errors.ts';
import { defineFields, type ValuesOf } from '../../shared/fields.ts';
import { Random } from '../../shared/random.ts';
import { assembleDataset } from './assemble.ts';
import { defineDataset, type Split } from './dataset.ts';
import { sampleCountFields, seedField } from './synthetic.ts';

const fields = defineFields({
  teacher: {
    type: 'choice',
    label: 'Teacher',
    help: 'The network that labels the samples: one sparse linear layer, or a sparse hidden ReLU layer and a dense output.',
    default: 'linear',
    options: [
      { value: 'linear', label: 'Sparse linear' },
      { value: 'mlp', label: 'Sparse MLP' },
    ],
  },
  features: {
    type: 'integer',
    label: 'Features',
    help: 'Inputs, independent standard normal.',
    default: 100,
    min: 1,
    max: 100_000,
  },
  fanIn: {
    type: 'integer',
    label: 'Fan-in of the teacher',
    help: 'Non-zero weights of each unit of the teacher’s first layer; a good student recovers exactly these.',
    default: 5,
    min: 1,
    max: 100_000,
  },
  hidden: {
    type: 'integer',
    label: 'Hidden units of the teacher',
    help: 'Width of the hidden layer of an MLP teacher.',
    default: 16,
    min: 1,
    max: 10_000,
    visibleWhen: { field: 'teacher', is: ['mlp'] },
  },
  classes: {
    type: 'integer',
    label: 'Classes',
    help: 'Outputs of the teacher; the label is the largest.',
    default: 2,
    min: 2,
    max: 1000,
  },
  noise: {
    type: 'number',
    label: 'Noise',
    help: 'Standard deviation of Gaussian noise on the teacher’s outputs, which are about as large as 1.',
    default: 0,
    min: 0,
    max: 100,
  },
  ...sampleCountFields,
  seed: seedField,
});

/** One layer of a teacher: `weight` is [outputs][inputs], row-major; its support is where it is not 0. */
export interface TeacherLayer {
  inputs: number;
  outputs: number;
  weight: Float32Array;
}

export const teacherStudent = defineDataset({
  id: 'teacher-student',
  title: 'Teacher and student',
  summary:
    'Labels given by a random sparse network, so that it is known which weights a sparse student should find.',
  licence: 'generated',
  fields,
  outline: ({ features, classes, trainCount, testCount }) => ({
    ...{ shape: [features, 1, 1], classes, trainCount, testCount },
  }),
  locate: () => 'generated',
  async load(values) {
    const { features, classes, noise, trainCount, testCount, seed } = values;
    const teacher = sparseTeacher(values);
    const train = drawInputs(trainCount, features, new Random(seed, 'train'));
    const test = drawInputs(testCount, features, new Random(seed, 'test'));
    const trainOutputs = outputsOf(teacher, train, noise, new Random(seed, 'train noise'));
    const testOutputs = outputsOf(teacher, test, noise, new Random(seed, 'test noise'));
    // Outputs are centred so that no class is largest almost everywhere.
    const centre = columnMeans(trainOutputs, classes);
    return assembleDataset({
      id: 'teacher-student',
      title: 'Teacher and student',
      shape: [features, 1, 1],
      classNames: Array.from({ length: classes }, (_, i) => String(i)),
      train: { samples: train, labels: largest(trainOutputs, centre), count: trainCount } satisfies Split,
      test: { samples: test, labels: largest(testOutputs, centre), count: testCount } satisfies Split,
      origin: 'generated',
    });
  },
});

/**
 * The ground truth of the data set with these values: the teacher's layers, without biases.
 * @throws UserError `bad-config` when the fan-in is larger than the number of features
 */
export function sparseTeacher(values: ValuesOf<typeof fields>): TeacherLayer[] {
  const { teacher, features, fanIn, hidden, classes, seed } = values;
  if (fanIn > features) {
    throw new UserError(
      'bad-config',
      `dataset.fanIn: ${fanIn} is more than the ${features} features; expected at most that many`,
      'dataset.fanIn',
    );
  }
  const random = new Random(seed, 'teacher');
  if (teacher === 'linear') return [sparseLayer(features, classes, fanIn, random)];
  return [sparseLayer(features, hidden, fanIn, random), sparseLayer(hidden, classes, hidden, random)];
}

/** Magnitudes stay within a factor of 3 of each other: a weight too small to matter could not be recovered. */
function sparseLayer(inputs: number, outputs: number, fanIn: number, random: Random): TeacherLayer {
  const weight = new Float32Array(outputs * inputs);
  const columns = Uint32Array.from({ length: inputs }, (_, i) => i);
  for (let row = 0; row < outputs; row++) {
    for (const column of random.shuffle(columns).subarray(0, fanIn)) {
      const sign = random.below(2) === 0 ? -1 : 1;
      weight[row * inputs + column] = (sign * (0.5 + random.uniform())) / Math.sqrt(fanIn);
    }
  }
  return { inputs, outputs, weight };
}

function drawInputs(count: number, features: number, random: Random): Float32Array {
  const samples = new Float32Array(count * features);
  for (let i = 0; i < samples.length; i++) samples[i] = random.normal();
  return samples;
}

/** Outputs [count][classes] with noise; ReLU between layers. */
function outputsOf(
  teacher: readonly TeacherLayer[],
  samples: Float32Array,
  noise: number,
  random: Random,
): Float32Array {
  let values = samples;
  for (const [depth, layer] of teacher.entries()) {
    values = applyLayer(layer, values);
    if (depth < teacher.length - 1)
      for (let i = 0; i < values.length; i++) values[i] = Math.max(0, values[i]);
  }
  if (noise > 0) for (let i = 0; i < values.length; i++) values[i] += noise * random.normal();
  return values;
}

function applyLayer({ inputs, outputs, weight }: TeacherLayer, values: Float32Array): Float32Array {
  const count = values.length / inputs;
  const result = new Float32Array(count * outputs);
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      const w = weight[output * inputs + input];
      if (w === 0) continue;
      for (let row = 0; row < count; row++)
        result[row * outputs + output] += w * values[row * inputs + input];
    }
  }
  return result;
}

function columnMeans(values: Float32Array, columns: number): Float64Array {
  const means = new Float64Array(columns);
  for (let i = 0; i < values.length; i++) means[i % columns] += values[i];
  return means.map((sum) => sum / (values.length / columns));
}

/** The column of each row that exceeds its centre most; the first one wins ties. */
function largest(values: Float32Array, centre: Float64Array): Int32Array {
  const classes = centre.length;
  const labels = new Int32Array(values.length / classes);
  for (let row = 0; row < labels.length; row++) {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      const at = row * classes;
      if (values[at + c] - centre[c] > values[at + best] - centre[best]) best = c;
    }
    labels[row] = best;
  }
  return labels;
}

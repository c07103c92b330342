import { describe, expect, test } from 'vitest';
import { makePlan, type Plan } from '../../../../../main/backends/native/plan.ts';
import { analyse, type Graph, type Node, type Op } from '../../../../../main/models/graph.ts';
import { resnet20 } from '../../../../../main/models/resnet.ts';

const batchNorm: Op = { kind: 'batchNorm', epsilon: 1e-5, momentum: 0.1 };
const conv: Op = { kind: 'conv2d', outputs: 4, kernel: [3, 3], stride: 1, padding: 1, bias: false };
const relu: Op = { kind: 'relu' };
const head: readonly [string, Op, ...string[]][] = [
  ['pool', { kind: 'globalAvgPool' }],
  ['fc', { kind: 'linear', outputs: 3, bias: true }],
];

/** A graph from (name, op, inputs); each layer follows the last unless it names its inputs. */
function graphOf(...layers: (readonly [string, Op, ...string[]])[]): Graph {
  const nodes = layers.map(([name, op, ...inputs], i): Node => {
    return { name, op, inputs: inputs.length > 0 ? inputs : [i === 0 ? 'input' : layers[i - 1][0]] };
  });
  return { input: { shape: [4, 6, 6], scale: [1, 1, 1, 1], shift: [0, 0, 0, 0] }, nodes, classes: 3 };
}

const planOf = (graph: Graph) => makePlan(graph, analyse(graph));
const kinds = (plan: Plan) =>
  plan.steps.map((s) => (s.kind === 'batchNorm' && s.relu ? 'batchNorm+relu' : s.kind));

describe('the plan of a graph', () => {
  test('joins a batch norm with the sum and the rectifier that follow it', () => {
    const block = graphOf(
      ['a', conv],
      ['bnA', batchNorm],
      ['reluA', relu],
      ['b', conv],
      ['bnB', batchNorm],
      ['sum', { kind: 'add' }, 'bnB', 'reluA'],
      ['out', relu],
      ...head,
    );
    const plan = planOf(block);
    expect(kinds(plan)).toEqual([
      'affine',
      'batchNorm+relu',
      'affine',
      'batchNorm+relu',
      'avgPool',
      'affine',
    ]);
    const [, first, , second] = plan.steps;
    expect(second.inputs[1].value).toBe(first.output.value);
    // The residual takes over the gradient of the sum; the branch adds to it afterwards.
    expect(second.inputs[1].gradient).toBe(second.output.gradient);
    expect(second.inputs[1].accumulate).toBe(false);
    expect(plan.steps[2].inputs[0]).toMatchObject({ gradient: second.output.gradient, accumulate: true });
  });

  test('leaves a batch norm alone whose output has several readers', () => {
    const plan = planOf(
      graphOf(['bn', batchNorm], ['relu', relu], ['sum', { kind: 'add' }, 'bn', 'relu'], ...head),
    );
    expect(kinds(plan)).toEqual(['batchNorm', 'relu', 'add', 'avgPool', 'affine']);
    const [norm, rectifier] = plan.steps;
    expect(rectifier.output.value).not.toBe(norm.output.value);
  });

  test('of two batch norms under one sum, one is the residual of the other', () => {
    const plan = planOf(
      graphOf(
        ['a', conv],
        ['bnA', batchNorm],
        ['b', conv, 'input'],
        ['bnB', batchNorm],
        ['sum', { kind: 'add' }, 'bnA', 'bnB'],
        ...head,
      ),
    );
    expect(kinds(plan)).toEqual(['affine', 'affine', 'batchNorm', 'batchNorm', 'avgPool', 'affine']);
    expect(plan.steps[3].inputs[1].value).toBe(plan.steps[2].output.value);
  });

  test('rectifiers and dropout work in place; flattening is nothing', () => {
    const plan = planOf(
      graphOf(
        ['conv', conv],
        ['relu', relu],
        ['flatten', { kind: 'flatten' }],
        ['dropout', { kind: 'dropout', rate: 0.5 }],
        ['fc', { kind: 'linear', outputs: 3, bias: true }],
      ),
    );
    expect(kinds(plan)).toEqual(['affine', 'relu', 'dropout', 'affine']);
    expect(plan.values).toEqual([144, 144, 3]);
    expect(plan.gradients).toEqual([3, 144]);
  });

  test('asks for no gradient of what nothing trained comes before', () => {
    const plan = planOf(graphOf(['relu', relu], ['conv', conv], ...head));
    expect(plan.steps[0].output.gradient).toBe(-1);
    expect(plan.steps[1].inputs[0].gradient).toBe(-1);
    expect(plan.steps[1].output.gradient).toBeGreaterThanOrEqual(0);
  });

  test('ResNet-20 needs no more than three large gradient buffers', () => {
    const image = { shape: [3, 32, 32] as const, scale: [1, 1, 1], shift: [0, 0, 0] };
    const plan = planOf(resnet20.build({ width: 16 }, image, 10));
    expect(plan.gradients.filter((size) => size >= 16 * 32 * 32).length).toBeLessThanOrEqual(3);
    expect(plan.steps.filter((s) => s.kind === 'add' || s.kind === 'relu')).toEqual([]);
  });

  test('refuses a pooling window that could lie in the padding alone', () => {
    const pool: Op = { kind: 'maxPool', kernel: 2, stride: 2, padding: 2 };
    expect(() => planOf(graphOf(['conv', conv], ['pool', pool], ['gap', head[0][1]], head[1]))).toThrow(
      /layer pool: .*padding/,
    );
  });
});

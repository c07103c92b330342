import type { AnalysedNode, Analysis, Graph, Shape } from '../../models/graph.ts';

/** One end of a step: which of the plan's value buffers and gradient buffers it lies in. */
export interface Operand {
  value: number;
  /** −1 where no gradient is needed: nothing before this tensor is trained. */
  gradient: number;
  /** Another consumer of the tensor writes its gradient first: add to it. */
  accumulate: boolean;
}

export type StepKind =
  'affine' | 'batchNorm' | 'relu' | 'maxPool' | 'avgPool' | 'dropout' | 'add' | 'shortcut';

/** What the engine runs: one node of the graph, or a batch norm with the sum and the rectifier that follow it. */
export interface Step {
  kind: StepKind;
  inputs: Operand[];
  output: Operand;
  inShape: Shape;
  outShape: Shape;
  /** Index of the (first) node in the graph; seeds dropout. */
  node: number;
  kernelHeight?: number;
  kernelWidth?: number;
  stride?: number;
  padding?: number;
  /** Indices into the network's parameters and buffers. */
  weight?: number;
  bias?: number;
  runningMean?: number;
  runningVar?: number;
  epsilon?: number;
  momentum?: number;
  relu?: boolean;
  rate?: number;
}

export interface Plan {
  steps: Step[];
  /** Sizes of the buffers per sample; value buffer 0 is the input. */
  values: number[];
  gradients: number[];
  logits: Operand;
}

const sizeOf = (shape: Shape) => shape[0] * shape[1] * shape[2];

/** A step with its tensors still by name. */
interface Draft {
  node: AnalysedNode;
  index: number;
  inputs: string[];
  output: string;
  relu: boolean;
}

/**
 * Compiles a graph for the engine: joins batch norms with what follows them, lets rectifiers and dropout work in
 * place, and packs gradients, which live only from their first to their last use, into as few buffers as it can.
 * @throws Error naming the layer that the engine cannot run
 */
export function makePlan(graph: Graph, analysis: Analysis): Plan {
  const { drafts, alias } = fuse(analysis.nodes);
  const sizes = new Map<string, number>([['input', sizeOf(graph.input.shape)]]);
  for (const node of analysis.nodes) sizes.set(node.name, sizeOf(node.outShape));
  const logits = alias(analysis.nodes.at(-1)!.name);
  const values = placeValues(drafts, sizes, logits);
  const gradients = placeGradients(drafts, sizes, logits, trained(drafts));
  const parameters = new Map(analysis.parameters.map((p, i) => [p.name, i]));
  const buffers = new Map(analysis.buffers.map((b, i) => [b.name, i]));
  const steps = drafts.map((draft, i): Step => {
    const { name, inShapes, outShape } = draft.node;
    return {
      kind: kindOf(draft.node),
      inputs: draft.inputs.map((input, j) => ({ value: values.of.get(input)!, ...gradients.inputs[i][j] })),
      output: { value: values.of.get(draft.output)!, gradient: gradients.outputs[i], accumulate: false },
      inShape: inShapes[0],
      outShape,
      node: draft.index,
      relu: draft.relu,
      weight: parameters.get(`${name}.weight`),
      bias: parameters.get(`${name}.bias`),
      runningMean: buffers.get(`${name}.runningMean`),
      runningVar: buffers.get(`${name}.runningVar`),
      ...attributes(draft.node),
    };
  });
  const last = { value: values.of.get(logits)!, gradient: gradients.logits, accumulate: false };
  return { steps, values: values.sizes, gradients: gradients.sizes, logits: last };
}

function kindOf({ op }: AnalysedNode): StepKind {
  switch (op.kind) {
    case 'linear':
    case 'conv2d':
      return 'affine';
    case 'globalAvgPool':
      return 'avgPool';
    case 'flatten':
      throw new Error('a flatten is no step: its input is read as it lies');
    default:
      return op.kind;
  }
}

function attributes({ name, op, inShapes }: AnalysedNode): Partial<Step> {
  switch (op.kind) {
    case 'conv2d':
      return {
        kernelHeight: op.kernel[0],
        kernelWidth: op.kernel[1],
        stride: op.stride,
        padding: op.padding,
      };
    case 'maxPool':
    case 'avgPool':
      if (2 * op.padding > op.kernel) {
        throw new Error(
          `layer ${name}: a padding of ${op.padding} is more than half the window of ${op.kernel}`,
        );
      }
      return { kernelHeight: op.kernel, kernelWidth: op.kernel, stride: op.stride, padding: op.padding };
    case 'globalAvgPool':
      return { kernelHeight: inShapes[0][1], kernelWidth: inShapes[0][2] };
    case 'batchNorm':
      return { epsilon: op.epsilon, momentum: op.momentum };
    case 'dropout':
      return { rate: op.rate };
    case 'shortcut':
      return { stride: op.stride };
    default:
      return {};
  }
}

/** Drops flattens and joins batchNorm (+ add) (+ relu), run where the last of them stands. */
function fuse(nodes: readonly AnalysedNode[]): { drafts: Draft[]; alias: (name: string) => string } {
  const aliases = new Map<string, string>();
  for (const { name, op, inputs } of nodes) {
    if (op.kind === 'flatten') aliases.set(name, aliases.get(inputs[0]) ?? inputs[0]);
  }
  const alias = (name: string) => aliases.get(name) ?? name;
  const consumers = new Map<string, AnalysedNode[]>();
  for (const node of nodes) {
    if (node.op.kind === 'flatten') continue;
    for (const input of node.inputs)
      consumers.set(alias(input), [...(consumers.get(alias(input)) ?? []), node]);
  }
  const logits = alias(nodes.at(-1)!.name);
  const onlyConsumer = (name: string, kind: string) => {
    const [only, other] = consumers.get(name) ?? [];
    return only?.op.kind === kind && !other && name !== logits ? only : undefined;
  };

  /** Fused steps by the node at which they run, and the nodes that they swallow. */
  const runsAt = new Map<string, Draft>();
  const swallowed = new Set<string>();
  for (const [index, node] of nodes.entries()) {
    if (node.op.kind !== 'batchNorm') continue;
    const draft: Draft = { node, index, inputs: node.inputs.map(alias), output: node.name, relu: false };
    const add = onlyConsumer(node.name, 'add');
    if (add && !swallowed.has(add.name)) {
      draft.inputs.push(...add.inputs.map(alias).filter((input) => input !== node.name));
      draft.output = add.name;
      swallowed.add(add.name);
    }
    const relu = onlyConsumer(draft.output, 'relu');
    if (relu) {
      draft.relu = true;
      draft.output = relu.name;
      swallowed.add(relu.name);
    }
    swallowed.add(node.name);
    runsAt.set(draft.output, draft);
  }
  const drafts = nodes.flatMap((node, index): Draft[] => {
    const fused = runsAt.get(node.name);
    if (fused) return [fused];
    if (swallowed.has(node.name) || node.op.kind === 'flatten') return [];
    return [{ node, index, inputs: node.inputs.map(alias), output: node.name, relu: false }];
  });
  return { drafts, alias };
}

/** Gives every tensor a value buffer; a rectifier or dropout that alone reads a tensor works in its buffer. */
function placeValues(drafts: readonly Draft[], sizes: ReadonlyMap<string, number>, logits: string) {
  const readers = new Map<string, number>([[logits, 1]]);
  for (const { inputs } of drafts)
    for (const input of inputs) readers.set(input, (readers.get(input) ?? 0) + 1);
  const of = new Map<string, number>([['input', 0]]);
  const bufferSizes = [sizes.get('input')!];
  for (const { node, inputs, output } of drafts) {
    const inPlace = (node.op.kind === 'relu' || node.op.kind === 'dropout') && readers.get(inputs[0]) === 1;
    of.set(output, inPlace ? of.get(inputs[0])! : bufferSizes.push(sizes.get(output)!) - 1);
  }
  return { of, sizes: bufferSizes };
}

/** Tensors whose gradients are needed: those that depend on a parameter. */
function trained(drafts: readonly Draft[]): Set<string> {
  const result = new Set<string>();
  for (const { node, inputs, output } of drafts) {
    const hasParameters =
      node.op.kind === 'linear' || node.op.kind === 'conv2d' || node.op.kind === 'batchNorm';
    if (hasParameters || inputs.some((input) => result.has(input))) result.add(output);
  }
  return result;
}

/**
 * Whether the gradient of a step's last input (a batch norm's residual) is the output's, changed in place; it then
 * takes over the output's buffer, unless another consumer has written a gradient already.
 */
function passesGradient({ node, inputs }: Draft): boolean {
  const { kind } = node.op;
  return (
    kind === 'relu' || kind === 'dropout' || kind === 'add' || (kind === 'batchNorm' && inputs.length === 2)
  );
}

/** Walks the steps backwards, handing out gradient buffers at the first write and taking them back after the last read. */
function placeGradients(
  drafts: readonly Draft[],
  sizes: ReadonlyMap<string, number>,
  logits: string,
  needed: ReadonlySet<string>,
) {
  const bufferSizes: number[] = [];
  const free: number[] = [];
  const take = (size: number): number => {
    const fits = free.filter((b) => bufferSizes[b] >= size).sort((a, b) => bufferSizes[a] - bufferSizes[b]);
    const chosen = fits[0] ?? free.sort((a, b) => bufferSizes[b] - bufferSizes[a])[0];
    if (chosen === undefined) return bufferSizes.push(size) - 1;
    free.splice(free.indexOf(chosen), 1);
    bufferSizes[chosen] = Math.max(bufferSizes[chosen], size);
    return chosen;
  };
  const of = new Map<string, number>([[logits, take(sizes.get(logits)!)]]);
  const first = of.get(logits)!;
  const inputs: { gradient: number; accumulate: boolean }[][] = [];
  const outputs: number[] = [];
  for (const [i, draft] of [...drafts.entries()].reverse()) {
    const own = needed.has(draft.output) ? of.get(draft.output) : undefined;
    outputs[i] = own ?? -1;
    inputs[i] = draft.inputs.map(() => ({ gradient: -1, accumulate: false }));
    if (own === undefined) continue;
    let passed = false;
    // Backwards, as layers write a residual's gradient before that of the input proper.
    for (const [j, input] of [...draft.inputs.entries()].reverse()) {
      if (!needed.has(input)) continue;
      const written = of.get(input);
      const takesOver = written === undefined && j === draft.inputs.length - 1 && passesGradient(draft);
      passed ||= takesOver;
      inputs[i][j] = {
        gradient: written ?? (takesOver ? own : take(sizes.get(input)!)),
        accumulate: written !== undefined,
      };
      of.set(input, inputs[i][j].gradient);
    }
    if (!passed) free.push(own);
  }
  return { inputs, outputs, logits: first, sizes: bufferSizes };
}

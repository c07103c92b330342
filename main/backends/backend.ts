import type { Graph, ParameterShape } from '../models/graph.ts';

/**
 * The one interface between sparse-training methods and whatever computes. A backend compiles a layer graph
 * into a `Network`; a method works on networks only through these primitives. Masks are first-class: a backend
 * that can exploit them does, one that cannot multiplies.
 */
export interface Backend {
  id: string;
  title: string;
  /** What computes, and the hardware path in use: `native sparse kernels (AVX2)`. */
  describe(): string;
  compile(graph: Graph, options: CompileOptions): Promise<Network>;
}

export interface CompileOptions {
  /** Largest batch any call will bring. */
  maxBatch: number;
  threads: number;
  /** Names of the weights that the method may sparsify and regularise; all others stay dense with J = 0. */
  sparse: ReadonlySet<string>;
  /** `auto` measures sparse against dense execution per layer; the other two force one (tests, benchmarks). */
  execution?: 'auto' | 'sparse' | 'dense';
}

/** Raw samples as the data set holds them, sample-major [size][channels · height · width]; the network normalises. */
export interface Batch {
  samples: Uint8Array | Float32Array;
  /** Class indices, at least `size` of them. */
  labels: Int32Array;
  size: number;
}

/**
 * Which weight gradients a pass must yield. `support`: only those of weights inside the mask, which is where
 * real speed comes from. `dense`: all coordinates. Biases and normalisation parameters always get theirs.
 */
export type GradientMode = 'support' | 'dense';

export interface TrainOptions {
  gradients: GradientMode;
  /** 0 for plain cross-entropy; ε mixes the target with the uniform distribution as in PyTorch. */
  labelSmoothing?: number;
  /** Add to the gradients of the previous passes instead of replacing them. */
  accumulate?: boolean;
  /** Seeds the dropout masks of this pass; the same seed gives the same masks on every backend. */
  dropoutSeed?: number;
}

export interface StepResult {
  /** Mean cross-entropy over the batch. */
  loss: number;
  /** Samples whose largest logit is the label's (first index wins ties). */
  correct: number;
  /**
   * Milliseconds; an engine that runs both passes as one program cannot tell them apart. It may leave an update to the
   * pass that follows, and run all three as one program; where updates run asynchronously, the pass after one waits for
   * it.
   */
  times: { forward: number; backward: number } | { pass: number } | { passWithUpdate: number };
}

export interface EvaluationResult {
  /** Sum of the cross-entropy over the batch, without label smoothing. */
  lossSum: number;
  correct: number;
}

/** J of the Bregman family and of proximal methods; λ_g is λ, times √|g| for a group of |g| weights. */
export type Regularizer =
  | { kind: 'none' }
  | { kind: 'l1'; lambda: number }
  /** l1 plus non-negativity: S(x) = max(x − λ, 0). */
  | { kind: 'l1-positive'; lambda: number }
  /** Group l1,2 over the rows of a linear layer, or the filters (one per output channel) of a convolution. */
  | { kind: 'group-rows'; lambda: number }
  /** Group l1,2 over the kh·kw kernels of each (out, in) pair; falls back to rows on linear layers. */
  | { kind: 'group-kernels'; lambda: number }
  /** First l1, then group rows / kernels, in this order. */
  | { kind: 'l1-group'; lambda: number; groupLambda: number };

/**
 * The closed set of update rules. Every backend implements each one and a parity test holds them together.
 * g is the gradient times `gradientScale`. Rules with J apply it to the sparse weights; every other parameter
 * takes the same step with J = 0 (methods.md C.1).
 *
 * - sgd: g ← g + wd·θ; u ← μu + g (PyTorch: the first u is g); θ ← θ − τ(nesterov ? g + μu : u)
 * - adam / adamw: PyTorch's, `decoupled` selects AdamW's weight decay
 * - proxsgd: θ ← prox_{τJ}(θ − τg)
 * - linbreg: u ← βu + (1−β)τg (β = 0: u = τg); v ← v − u; θ ← prox_{δJ}(δv) = δ S_λ(v) for l1
 * - adabreg: v ← v − τ m̂/(√ŝ + ε) with Adam's moments; θ as linbreg
 */
export type UpdateRule =
  | { kind: 'sgd'; learningRate: number; momentum: number; nesterov: boolean; weightDecay: number }
  | {
      kind: 'adam';
      learningRate: number;
      beta1: number;
      beta2: number;
      epsilon: number;
      weightDecay: number;
      decoupled: boolean;
    }
  | { kind: 'proxsgd'; learningRate: number; regularizer: Regularizer }
  | { kind: 'linbreg'; learningRate: number; delta: number; momentum: number; regularizer: Regularizer }
  | {
      kind: 'adabreg';
      learningRate: number;
      delta: number;
      beta1: number;
      beta2: number;
      epsilon: number;
      regularizer: Regularizer;
    };

export interface UpdateOptions {
  /**
   * `support`: only coordinates inside the mask move; the state of all others is frozen.
   * `all`: every coordinate moves; needs gradients of mode `dense` in the last pass.
   */
  scope: 'support' | 'all';
  /** Multiplies every gradient first (clipping, averaging over accumulated passes). Default 1. */
  gradientScale?: number;
  /** After an update of scope `all`: the mask becomes A ← (θ ≠ 0). Duals and moments are kept. Default false. */
  reselect?: boolean;
}

/**
 * Per-parameter tensors, each as large as its parameter, zero until a rule first uses them.
 * `updates` counts how often a coordinate was updated: the t of Adam's bias correction, per coordinate, so that
 * a coordinate frozen by its mask resumes where it stopped.
 */
export type Slot = 'value' | 'gradient' | 'momentum' | 'dual' | 'moment1' | 'moment2' | 'updates';

export interface ParameterInfo extends ParameterShape {
  /** In `CompileOptions.sparse`. */
  sparse: boolean;
}

export interface LayerExecution {
  parameter: string;
  choice: 'sparse' | 'dense';
  density: number;
  /** Measured time of forward + backward, milliseconds per batch; undefined where nothing was measured. */
  sparseMs?: number;
  denseMs?: number;
}

/**
 * A compiled network. Calls are asynchronous so that GPU backends fit; a caller awaits each before the next.
 * Invariants: a weight outside its mask is exactly 0; non-sparse parameters have no mask (always all ones).
 * The same calls with the same arguments give the same bits, whatever execution was chosen per layer.
 */
export interface Network {
  readonly graph: Graph;
  readonly parameters: readonly ParameterInfo[];
  /** Batch-norm running statistics, read and written by name with slot `value`. */
  readonly buffers: readonly { name: string; size: number }[];

  /** Forward and backward; gradients stay inside until `applyUpdate`, `gradientNorm` or `read(…, 'gradient')`. */
  trainStep(batch: Batch, options: TrainOptions): Promise<StepResult>;
  evaluate(batch: Batch): Promise<EvaluationResult>;
  /** Inference logits, sample-major [size][classes]; batch norm uses its running statistics. */
  logits(batch: Batch): Promise<Float32Array>;

  applyUpdate(rule: UpdateRule, options: UpdateOptions): Promise<void>;
  /** Euclidean norm over all gradients of the last pass (support mode: of the coordinates inside the masks). */
  gradientNorm(): Promise<number>;

  /** A copy. After a `support` pass, gradients outside the mask read as 0. */
  read(name: string, slot: Slot): Promise<Float32Array>;
  /** Values written outside a mask are dropped (set to 0). */
  write(name: string, slot: Slot, data: Float32Array): Promise<void>;
  /** 1 inside the mask, 0 outside; a copy. */
  readMask(name: string): Promise<Uint8Array>;
  /**
   * Sets the mask. Every coordinate that leaves or enters it gets value, momentum, moments and update count 0.
   * `dual` is left alone: Bregman methods own it.
   */
  writeMask(name: string, mask: Uint8Array): Promise<void>;
  /** A ← (θ ≠ 0) for every sparse weight, as `UpdateOptions.reselect` does after an update. */
  reselect(): Promise<void>;
  /** Entries inside the mask; the size for non-sparse parameters. Free to call each step. */
  activeCount(name: string): number;
  /** Which slots hold anything but zeros, for checkpoints. */
  usedSlots(): readonly Slot[];

  execution(): readonly LayerExecution[];
  memoryBytes(): number;
  dispose(): void;
}

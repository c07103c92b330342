import type { Ops } from './ops.ts';
import { pack, sumOf } from './packing.ts';

/** Softmax cross-entropy of a batch. */
export interface Loss<T> {
  /** [2]: the sum over the batch, and the samples whose largest logit is the label's (the first wins ties). */
  sumAndCorrect: T;
  /** Of the batch's mean loss with respect to the logits. */
  gradient(): T;
}

/**
 * @param logits [N, classes]
 * @param labels class indices as numbers [N, 1]
 * @param smoothing ε of label smoothing []: the target is (1 − ε) · onehot + ε / classes, as in PyTorch
 */
export function crossEntropy<T>(ops: Ops<T>, logits: T, labels: T, smoothing?: T): Loss<T> {
  const [batch, classes] = ops.shapeOf(logits);
  const number = (value: number) => ops.constant([value], []);
  const indices = Array.from({ length: classes }, (_, k) => k);
  const oneHot = ops.equal(labels, ops.constant(indices, [1, classes]));
  const targets =
    smoothing === undefined
      ? oneHot
      : ops.add(ops.mul(oneHot, ops.sub(number(1), smoothing)), ops.div(smoothing, number(classes)));
  const { losses, gradient } = ops.softmaxCrossEntropy(logits, targets);
  const hits = ops.equal(ops.argMax(logits), ops.reshape(labels, [batch]));
  return {
    sumAndCorrect: pack(ops, [sumOf(ops, losses), sumOf(ops, hits)]),
    gradient: () => ops.mul(gradient, number(1 / batch)),
  };
}

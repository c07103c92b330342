/** Softmax cross-entropy of one batch of logits [batch][classes]. */
export interface Loss {
  /** Sum over the batch. */
  sum: number;
  /** Samples whose largest logit is the label's; the first index wins ties. */
  correct: number;
}

/**
 * @param smoothing ε: the target is (1 − ε) · onehot + ε / classes, as in PyTorch
 * @param gradient where given, receives the gradient of the batch's mean loss
 */
export function crossEntropy(
  logits: Float32Array,
  labels: Int32Array,
  { batch, classes, smoothing }: { batch: number; classes: number; smoothing: number },
  gradient?: Float32Array,
): Loss {
  let sum = 0;
  let correct = 0;
  for (let n = 0; n < batch; n++) {
    const row = logits.subarray(n * classes, (n + 1) * classes);
    let best = 0;
    for (let k = 1; k < classes; k++) if (row[k] > row[best]) best = k;
    if (best === labels[n]) correct++;
    let total = 0;
    for (let k = 0; k < classes; k++) total += Math.exp(row[k] - row[best]);
    const logSum = row[best] + Math.log(total);
    for (let k = 0; k < classes; k++) {
      const target = smoothing / classes + (k === labels[n] ? 1 - smoothing : 0);
      sum -= target * (row[k] - logSum);
      if (gradient) gradient[n * classes + k] = (Math.exp(row[k] - logSum) - target) / batch;
    }
  }
  return { sum, correct };
}

/** Softmax cross-entropy of one batch of logits [batch][classes], summed in double precision. */
export interface Loss {
  /** Sum over the batch. */
  sum: number;
  /** Samples whose largest logit is the label's; the first index wins ties. */
  correct: number;
}

/** What the softmax is held against: (1 − ε) · onehot + ε / classes with label smoothing ε, as in PyTorch. */
export function target(isLabel: boolean, classes: number, smoothing: number): number {
  return smoothing / classes + (isLabel ? 1 - smoothing : 0);
}

/**
 * @param smoothing ε
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
    const first = n * classes;
    let best = first;
    for (let i = first + 1; i < first + classes; i++) if (logits[i] > logits[best]) best = i;
    const label = first + labels[n];
    if (best === label) correct++;
    let total = 0;
    let sumOfLogits = 0;
    for (let i = first; i < first + classes; i++) {
      total += Math.exp(logits[i] - logits[best]);
      sumOfLogits += logits[i];
    }
    const logSum = logits[best] + Math.log(total);
    // −Σ t·log softmax: the targets t add up to 1.
    sum += logSum - (1 - smoothing) * logits[label] - (smoothing / classes) * sumOfLogits;
    if (!gradient) continue;
    for (let i = first; i < first + classes; i++) {
      gradient[i] = (Math.exp(logits[i] - logSum) - target(i === label, classes, smoothing)) / batch;
    }
  }
  return { sum, correct };
}

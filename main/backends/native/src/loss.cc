#include "loss.h"

#include <algorithm>
#include <cmath>

namespace filigree {

namespace {
constexpr int kGroup = 16;
}

LossResult CrossEntropy::run(const float* logits, const int32_t* labels, int size, int lanes, float smoothing,
                             float* gradient, ThreadPool& pool) {
  pool.run(lanes / kGroup, [&](int group, int) {
    runGroup(logits, labels, group * kGroup, size, lanes, smoothing, gradient);
  });
  LossResult result{0, 0};
  for (int n = 0; n < size; ++n) {
    result.sum += losses_[n];
    result.correct += hits_[n];
  }
  return result;
}

// log Σ exp(x) = max + log Σ exp(x − max), for 16 samples.
void CrossEntropy::runGroup(const float* logits, const int32_t* labels, int begin, int size, int lanes, float smoothing,
                            float* gradient) {
  const auto row = [&](int k) { return logits + size_t(k) * lanes + begin; };
  float largest[kGroup];
  double total[kGroup] = {}, sum[kGroup] = {};  // of confident samples, single precision would leave little
  int best[kGroup] = {};
  std::copy_n(row(0), kGroup, largest);
  for (int k = 1; k < classes_; ++k) {
    for (int n = 0; n < kGroup; ++n) {
      const bool larger = row(k)[n] > largest[n];
      best[n] = larger ? k : best[n];
      largest[n] = larger ? row(k)[n] : largest[n];
    }
  }
  for (int k = 0; k < classes_; ++k) {
    for (int n = 0; n < kGroup; ++n) {
      total[n] += std::exp(row(k)[n] - largest[n]);
      sum[n] += row(k)[n] - largest[n];
    }
  }
  const int present = std::clamp(size - begin, 0, kGroup);
  for (int n = 0; n < present; ++n) {
    const int label = labels[begin + n];
    const double logTotal = std::log(total[n]);
    const double own = double(row(label)[n]) - largest[n] - logTotal;
    const double mean = sum[n] / classes_ - logTotal;
    // A weight of 0 is left out: 0 times an infinite mean would be NaN.
    losses_[begin + n] = -(1 - double(smoothing)) * own - (smoothing > 0 ? smoothing * mean : 0);
    hits_[begin + n] = best[n] == label;
  }
  if (!gradient) return;
  float inverse[kGroup];
  for (int n = 0; n < kGroup; ++n) inverse[n] = float(1 / total[n]);
  const float uniform = smoothing / float(classes_), share = 1.0f / float(size);
  for (int k = 0; k < classes_; ++k) {
    float* to = gradient + size_t(k) * lanes + begin;
    for (int n = 0; n < kGroup; ++n) {
      const float probability = std::exp(row(k)[n] - largest[n]) * inverse[n];
      to[n] = n < present ? (probability - uniform) * share : 0.0f;
    }
  }
  for (int n = 0; n < present; ++n) {
    gradient[size_t(labels[begin + n]) * lanes + begin + n] -= (1 - smoothing) * share;
  }
}

}  // namespace filigree

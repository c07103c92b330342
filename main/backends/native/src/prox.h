// Regularisers J and their proximal maps on one row of a weight tensor.
#pragma once
#include <cmath>
#include <cstdint>

namespace filigree {

struct Regularizer {
  enum class Kind { none, l1, l1Positive, groupRows, groupKernels, l1Group };
  Kind kind = Kind::none;
  float lambda = 0, groupLambda = 0;
};

// S_t(x) = sign(x) max(|x| - t, 0).
inline void softThreshold(float* x, int count, float t) {
  for (int k = 0; k < count; ++k) {
    const float shrunk = std::fabs(x[k]) - t;
    x[k] = 0.0f > shrunk ? 0.0f : std::copysign(shrunk, x[k]);
  }
}

// x <- x max(1 - t sqrt(|g|) / ||x||, 0), where |g| is the size of the whole group, whatever part of it is present.
inline void shrinkGroup(float* x, int count, int groupSize, float t) {
  double squares = 0;
  for (int k = 0; k < count; ++k) squares += double(x[k]) * x[k];
  const double factor = squares > 0 ? 1 - t * std::sqrt(double(groupSize) / squares) : (squares == 0 ? 0 : squares);
  const float scale = float(0 > factor ? 0 : factor);
  for (int k = 0; k < count; ++k) x[k] *= scale;
}

// prox_{sJ} in place on one row, entries k = 0 .. count-1 at columns column(k), ascending. A row has `taps` columns;
// its kernels are `kernel` consecutive columns (all of them in a linear layer).
template <class Column>
void prox(const Regularizer& j, float s, float* x, int count, int taps, int kernel, const Column& column) {
  using Kind = Regularizer::Kind;
  const auto kernels = [&](float t) {
    for (int begin = 0; begin < count;) {
      int end = begin + 1;
      while (end < count && column(end) / kernel == column(begin) / kernel) ++end;
      shrinkGroup(x + begin, end - begin, kernel, t);
      begin = end;
    }
  };
  switch (j.kind) {
    case Kind::none:
      break;
    case Kind::l1:
      softThreshold(x, count, s * j.lambda);
      break;
    case Kind::l1Positive:
      for (int k = 0; k < count; ++k) {
        const float shrunk = x[k] - s * j.lambda;
        x[k] = 0.0f > shrunk ? 0.0f : shrunk;
      }
      break;
    case Kind::groupRows:
      shrinkGroup(x, count, taps, s * j.lambda);
      break;
    case Kind::groupKernels:
      kernels(s * j.lambda);
      break;
    case Kind::l1Group:
      softThreshold(x, count, s * j.lambda);
      kernels(s * j.groupLambda);
      break;
  }
}

}  // namespace filigree

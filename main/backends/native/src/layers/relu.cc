#include "relu.h"

#include <algorithm>

namespace filigree {

// Compilers cannot vectorise a loop whose input and output may be one buffer unless it names only one.

void ReluLayer::forward(const Pass& pass) {
  const float* x = pass.value(input_);
  float* y = pass.value(output_);
  forEachBlock(pass, features_, [&](int first, int last) {
    const size_t begin = size_t(first) * pass.lanes, end = size_t(last) * pass.lanes;
    if (x != y) std::copy(x + begin, x + end, y + begin);
    // Written so that a NaN passes.
    for (size_t i = begin; i < end; ++i) y[i] = 0.0f > y[i] ? 0.0f : y[i];
  });
}

void ReluLayer::backward(const Pass& pass) {
  if (input_.gradient < 0) return;
  const float* y = pass.value(output_);
  float* dy = pass.gradient(output_);
  float* dx = pass.gradient(input_);
  forEachBlock(pass, features_, [&](int first, int last) {
    const size_t begin = size_t(first) * pass.lanes, end = size_t(last) * pass.lanes;
    for (size_t i = begin; i < end; ++i) dy[i] = y[i] <= 0.0f ? 0.0f : dy[i];
    if (!sharesGradient(input_, output_)) assign(dx, input_.accumulate, begin, end, [=](size_t i) { return dy[i]; });
  });
}

}  // namespace filigree

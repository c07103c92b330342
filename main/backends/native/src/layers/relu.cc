#include "relu.h"

namespace filigree {

void ReluLayer::forward(const Pass& pass) {
  const float* x = pass.value(input_);
  float* y = pass.value(output_);
  forEachBlock(pass, features_, [&](int first, int last) {
    // Written so that a NaN passes.
    assign(y, false, size_t(first) * pass.lanes, size_t(last) * pass.lanes, [x](size_t i) { return 0.0f > x[i] ? 0.0f : x[i]; });
  });
}

void ReluLayer::backward(const Pass& pass) {
  if (input_.gradient < 0) return;
  const float* y = pass.value(output_);
  const float* dy = pass.gradient(output_);
  float* dx = pass.gradient(input_);
  forEachBlock(pass, features_, [&](int first, int last) {
    assign(dx, input_.accumulate, size_t(first) * pass.lanes, size_t(last) * pass.lanes,
           [=](size_t i) { return y[i] <= 0.0f ? 0.0f : dy[i]; });
  });
}

}  // namespace filigree

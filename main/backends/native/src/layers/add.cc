#include "add.h"

#include <algorithm>

namespace filigree {

void AddLayer::forward(const Pass& pass) {
  const float* a = pass.value(a_);
  const float* b = pass.value(b_);
  float* y = pass.value(output_);
  forEachBlock(pass, features_, [&](int first, int last) {
    assign(y, false, size_t(first) * pass.lanes, size_t(last) * pass.lanes, [=](size_t i) { return a[i] + b[i]; });
  });
}

void AddLayer::backward(const Pass& pass) {
  const float* dy = pass.gradient(output_);
  for (const Operand& operand : {a_, b_}) {
    if (operand.gradient < 0 || sharesGradient(operand, output_)) continue;
    float* to = pass.gradient(operand);
    forEachBlock(pass, features_, [&](int first, int last) {
      assign(to, operand.accumulate, size_t(first) * pass.lanes, size_t(last) * pass.lanes,
             [dy](size_t i) { return dy[i]; });
    });
  }
}

void ShortcutLayer::forward(const Pass& pass) {
  const size_t inPlane = size_t(spec_.inHeight) * spec_.inWidth * pass.lanes;
  const size_t outPlane = size_t(spec_.outHeight) * spec_.outWidth * pass.lanes;
  pass.pool.run(spec_.outChannels, [&](int channel, int) {
    float* y = pass.value(output_) + channel * outPlane;
    if (channel >= spec_.inChannels) {
      std::fill_n(y, outPlane, 0.0f);
      return;
    }
    const float* x = pass.value(input_) + channel * inPlane;
    for (int row = 0; row < spec_.outHeight; ++row) {
      for (int column = 0; column < spec_.outWidth; ++column) {
        const float* from = x + (size_t(row) * spec_.inWidth + column) * spec_.stride * pass.lanes;
        std::copy_n(from, pass.lanes, y + (size_t(row) * spec_.outWidth + column) * pass.lanes);
      }
    }
  });
}

void ShortcutLayer::backward(const Pass& pass) {
  if (input_.gradient < 0) return;
  const size_t inPlane = size_t(spec_.inHeight) * spec_.inWidth * pass.lanes;
  const size_t outPlane = size_t(spec_.outHeight) * spec_.outWidth * pass.lanes;
  pass.pool.run(spec_.inChannels, [&](int channel, int) {
    float* dx = pass.gradient(input_) + channel * inPlane;
    if (!input_.accumulate) std::fill_n(dx, inPlane, 0.0f);
    if (channel >= spec_.outChannels) return;
    const float* dy = pass.gradient(output_) + channel * outPlane;
    for (int row = 0; row < spec_.outHeight; ++row) {
      for (int column = 0; column < spec_.outWidth; ++column) {
        float* to = dx + (size_t(row) * spec_.inWidth + column) * spec_.stride * pass.lanes;
        const float* from = dy + (size_t(row) * spec_.outWidth + column) * pass.lanes;
        for (int n = 0; n < pass.lanes; ++n) to[n] += from[n];
      }
    }
  });
}

}  // namespace filigree

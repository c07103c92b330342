#include "dropout.h"

#include <algorithm>

namespace filigree {

namespace {

uint32_t mix(uint32_t h, uint32_t value) {
  h = (h ^ value) * 0x9E3779B1u;
  h ^= h >> 15;
  h *= 0x85EBCA77u;
  h ^= h >> 13;
  return h;
}

}  // namespace

void DropoutLayer::forward(const Pass& pass) {
  const float* x = pass.value(input_);
  float* y = pass.value(output_);
  if (pass.training) return apply(pass, x, y, false);
  if (x == y) return;
  forEachBlock(pass, features_, [&](int first, int last) {
    std::copy(x + size_t(first) * pass.lanes, x + size_t(last) * pass.lanes, y + size_t(first) * pass.lanes);
  });
}

void DropoutLayer::backward(const Pass& pass) {
  if (input_.gradient >= 0) apply(pass, pass.gradient(output_), pass.gradient(input_), input_.accumulate);
}

void DropoutLayer::apply(const Pass& pass, const float* from, float* to, bool accumulate) const {
  // 2^32 · rate; rate < 1.
  const uint32_t threshold = uint32_t(double(rate_) * 4294967296.0);
  const float scale = 1.0f / (1.0f - rate_);
  const uint32_t nodeHash = mix(pass.dropoutSeed, node_);
  forEachBlock(pass, features_, [&](int first, int last) {
    for (int feature = first; feature < last; ++feature) {
      const uint32_t hash = mix(nodeHash, uint32_t(feature));
      const float* source = from + size_t(feature) * pass.lanes;
      assign(to + size_t(feature) * pass.lanes, accumulate, 0, pass.lanes, [=](size_t n) {
        const float kept = source[n] * scale;
        return mix(hash, uint32_t(n)) < threshold ? 0.0f : kept;
      });
    }
  });
}

}  // namespace filigree

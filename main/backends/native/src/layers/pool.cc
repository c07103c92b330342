#include "pool.h"

#include <algorithm>
#include <limits>

namespace filigree {

namespace {

// Calls body(position of the input pixel) for each pixel under the window of an output pixel, row-major.
template <class Body>
void forEachPixel(const WindowSpec& spec, int outRow, int outColumn, const Body& body) {
  const int top = outRow * spec.stride - spec.padding, left = outColumn * spec.stride - spec.padding;
  const int bottom = std::min(top + spec.kernelHeight, spec.inHeight);
  const int right = std::min(left + spec.kernelWidth, spec.inWidth);
  for (int row = std::max(top, 0); row < bottom; ++row) {
    for (int column = std::max(left, 0); column < right; ++column) body(row * spec.inWidth + column);
  }
}

size_t inPlane(const WindowSpec& spec, int lanes) { return size_t(spec.inHeight) * spec.inWidth * lanes; }
size_t outPlane(const WindowSpec& spec, int lanes) { return size_t(spec.outHeight) * spec.outWidth * lanes; }

}  // namespace

MaxPoolLayer::MaxPoolLayer(const WindowSpec& spec, Operand input, Operand output, int maxLanes)
    : spec_(spec), input_(input), output_(output), winner_(spec.channels * outPlane(spec, maxLanes)) {}

void MaxPoolLayer::forward(const Pass& pass) {
  const int lanes = pass.lanes;
  pass.pool.run(spec_.channels, [&](int channel, int) {
    const float* x = pass.value(input_) + channel * inPlane(spec_, lanes);
    float* y = pass.value(output_) + channel * outPlane(spec_, lanes);
    int32_t* winner = winner_.data() + channel * outPlane(spec_, lanes);
    for (int row = 0; row < spec_.outHeight; ++row) {
      for (int column = 0; column < spec_.outWidth; ++column, y += lanes, winner += lanes) {
        std::fill_n(y, lanes, -std::numeric_limits<float>::infinity());
        std::fill_n(winner, lanes, -1);
        forEachPixel(spec_, row, column, [&](int position) {
          const float* pixel = x + size_t(position) * lanes;
          for (int n = 0; n < lanes; ++n) {
            // Not <=, so that a NaN is taken, and stays: nothing compares greater than or equal to it.
            const bool better = !(pixel[n] <= y[n]) && y[n] == y[n];
            winner[n] = better || winner[n] < 0 ? position : winner[n];
            y[n] = better ? pixel[n] : y[n];
          }
        });
      }
    }
  });
}

void MaxPoolLayer::backward(const Pass& pass) {
  if (input_.gradient < 0) return;
  const int lanes = pass.lanes;
  pass.pool.run(spec_.channels, [&](int channel, int) {
    float* dx = pass.gradient(input_) + channel * inPlane(spec_, lanes);
    const float* dy = pass.gradient(output_) + channel * outPlane(spec_, lanes);
    const int32_t* winner = winner_.data() + channel * outPlane(spec_, lanes);
    if (!input_.accumulate) std::fill_n(dx, inPlane(spec_, lanes), 0.0f);
    for (int pixel = 0; pixel < spec_.outHeight * spec_.outWidth; ++pixel, dy += lanes, winner += lanes) {
      for (int n = 0; n < lanes; ++n) dx[size_t(winner[n]) * lanes + n] += dy[n];
    }
  });
}

void AvgPoolLayer::forward(const Pass& pass) {
  const int lanes = pass.lanes;
  const float share = 1.0f / float(spec_.kernelHeight * spec_.kernelWidth);
  pass.pool.run(spec_.channels, [&](int channel, int) {
    const float* x = pass.value(input_) + channel * inPlane(spec_, lanes);
    float* y = pass.value(output_) + channel * outPlane(spec_, lanes);
    for (int row = 0; row < spec_.outHeight; ++row) {
      for (int column = 0; column < spec_.outWidth; ++column, y += lanes) {
        std::fill_n(y, lanes, 0.0f);
        forEachPixel(spec_, row, column, [&](int position) {
          const float* pixel = x + size_t(position) * lanes;
          for (int n = 0; n < lanes; ++n) y[n] += pixel[n];
        });
        for (int n = 0; n < lanes; ++n) y[n] *= share;
      }
    }
  });
}

void AvgPoolLayer::backward(const Pass& pass) {
  if (input_.gradient < 0) return;
  const int lanes = pass.lanes;
  const float share = 1.0f / float(spec_.kernelHeight * spec_.kernelWidth);
  pass.pool.run(spec_.channels, [&](int channel, int) {
    float* dx = pass.gradient(input_) + channel * inPlane(spec_, lanes);
    const float* dy = pass.gradient(output_) + channel * outPlane(spec_, lanes);
    if (!input_.accumulate) std::fill_n(dx, inPlane(spec_, lanes), 0.0f);
    for (int row = 0; row < spec_.outHeight; ++row) {
      for (int column = 0; column < spec_.outWidth; ++column, dy += lanes) {
        forEachPixel(spec_, row, column, [&](int position) {
          float* pixel = dx + size_t(position) * lanes;
          for (int n = 0; n < lanes; ++n) pixel[n] += dy[n] * share;
        });
      }
    }
  });
}

}  // namespace filigree

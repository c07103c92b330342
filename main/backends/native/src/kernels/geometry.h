// Which inputs a convolution's outputs are gathered from, in either direction.
//
// The forward pass and the input gradient are the same computation on different geometry: every destination
// (an element of y, or of dx) gathers weighted sources (elements of x, or of dy). Destinations are worked on in
// blocks of rows x columns x 16 lanes; the sources that a block may need form a window.
#pragma once
#include "kernels.h"
#include "simd.h"

namespace filigree {
namespace {

// One spatial axis. Forward: source = destination * stride + k - padding. Transposed (input gradient): the inverse,
// source = (destination + padding - k) / stride, for the kernel positions k that divide.
struct Axis {
  int size, kernel, stride, padding, sourceSize;
  bool transposed;

  // Destinations that are `phases` apart use the same kernel positions, on sources `sourceStep` apart.
  int phases() const { return transposed ? stride : 1; }
  int sourceStep() const { return transposed ? 1 : stride; }

  bool uses(int destination, int k) const { return !transposed || (destination + padding - k) % stride == 0; }
  int source(int destination, int k) const {
    return transposed ? (destination + padding - k) / stride : destination * stride + k - padding;
  }

  // The window of sources for destinations [begin, end): it may reach outside [0, sourceSize), where sources are 0.
  int windowBegin(int begin) const {
    if (!transposed) return begin * stride - padding;
    const int lowest = begin + padding - (kernel - 1);
    return lowest >= 0 ? lowest / stride : -divideUp(-lowest, stride);
  }
  int windowEnd(int end) const {
    return transposed ? (end - 1 + padding) / stride + 1 : (end - 1) * stride - padding + kernel;
  }
  int windowSize(int destinations) const {
    return transposed ? (destinations + kernel - 2) / stride + 2 : (destinations - 1) * stride + kernel;
  }
};

// A pass from source channels to destination channels. `weightStep` and `weightSourceStep` are the distances in the
// dense weight tensor between two destination channels and between two source channels.
struct Gather {
  Axis rows, columns;
  int channels, sourceChannels, lanes;
  size_t weightStep, weightSourceStep;

  int area() const { return rows.kernel * columns.kernel; }
  int taps() const { return sourceChannels * area(); }
  size_t plane() const { return size_t(rows.size) * columns.size * lanes; }
  size_t sourcePlane() const { return size_t(rows.sourceSize) * columns.sourceSize * lanes; }
  // Every destination takes the one source at its own place, so sources can be read where they are.
  bool pointwise() const { return area() == 1 && rows.stride == 1 && rows.padding == 0; }
};

inline Gather forwardGather(const ConvShape& s) {
  return {{s.outHeight, s.kernelHeight, s.stride, s.padding, s.inHeight, false},
          {s.outWidth, s.kernelWidth, s.stride, s.padding, s.inWidth, false},
          s.outChannels,
          s.inChannels,
          s.lanes,
          size_t(s.taps()),
          size_t(s.kernelHeight) * s.kernelWidth};
}

inline Gather inputGradientGather(const ConvShape& s) {
  return {{s.inHeight, s.kernelHeight, s.stride, s.padding, s.outHeight, true},
          {s.inWidth, s.kernelWidth, s.stride, s.padding, s.outWidth, true},
          s.inChannels,
          s.outChannels,
          s.lanes,
          size_t(s.kernelHeight) * s.kernelWidth,
          size_t(s.taps())};
}

}  // namespace
}  // namespace filigree

// The compute kernels of the sparse engine. Compiled once per instruction set; chosen at run time.
//
// Layout. Activations are feature-major with the batch innermost: [channel][row][column][lane], where the batch
// is padded to `lanes`, a multiple of 16 floats, and padded lanes are ordinary memory (their values are computed
// and ignored; output gradients are exactly 0 there). A linear layer is the 1x1 convolution of a 1x1 image, so
// one set of kernels serves both. Every activation and gradient buffer is 64-byte aligned.
//
// Determinism. Every output element is owned by exactly one work item, and its sum is accumulated in one fixed
// order with fused multiply-adds:
//   forward         taps (in-channel, ky, kx) ascending, starting from the bias (or 0);
//   input gradient  taps (out-channel, ky, kx) ascending, starting from 0;
//   weight gradient one canonical order over (row, column, lane), the same in the dense and the sparse kernel
//                   (weight-gradient.h).
// A weight of 0 contributes fma(0, x, acc) = acc, so the dense and the sparse kernel give the same bits, and any
// number of threads gives the same bits. Keep it so: per-layer choice by measurement relies on it. (Two exceptions
// that training never meets: an infinite x makes 0 * x a NaN, and a sum that underflowed to -0 becomes +0.) No order
// depends on the vector width: AVX-512, AVX2 and NEON agree with each other; the portable set, without fused
// multiply-adds, agrees with itself.
#pragma once
#include <cstddef>
#include <cstdint>

namespace filigree {

struct ConvShape {
  int inChannels, inHeight, inWidth;
  int outChannels, outHeight, outWidth;
  int kernelHeight, kernelWidth;
  int stride, padding;
  int lanes;  // batch padded to a multiple of 16

  int taps() const { return inChannels * kernelHeight * kernelWidth; }  // row length of the weight matrix
  size_t inPlane() const { return size_t(inHeight) * inWidth * lanes; }
  size_t outPlane() const { return size_t(outHeight) * outWidth * lanes; }
};

// The non-zeros of a weight tensor [outChannels][inChannels][kh][kw], by output channel (CSR): taps ascending.
// `tap` = (in · kh + ky) · kw + kx. `flat` indices into the tensor are row · taps + tap.
struct SparseRows {
  const int32_t* rowStart;  // outChannels + 1
  const int32_t* tap;
  const float* value;
};

// The same non-zeros by input channel (CSC), for the input gradient: within a column ordered by
// (out-channel, ky, kx) ascending.
struct SparseColumns {
  const int32_t* columnStart;  // inChannels + 1
  const int32_t* tap;          // (out · kh + ky) · kw + kx
  const float* value;
};

// Each operation is cut into `items` independent work items; run(item) may be called from any thread, in any order,
// with a scratch buffer of its own (`scratchFloats` floats, 64-byte aligned, contents irrelevant).
struct KernelSet {
  const char* isa;  // "AVX-512", "AVX2", "NEON", "portable"

  // How many work items an operation on this shape has, and the scratch floats that one item needs.
  int (*forwardItems)(const ConvShape&);
  int (*inputGradientItems)(const ConvShape&);
  int (*weightGradientItems)(const ConvShape&);
  size_t (*scratchFloats)(const ConvShape&);  // enough for every operation of this shape

  // y = W * x + bias. `bias` may be null.
  void (*denseForward)(const ConvShape&, const float* weights, const float* bias, const float* x, float* y, int item,
                       float* scratch);
  void (*sparseForward)(const ConvShape&, const SparseRows&, const float* bias, const float* x, float* y, int item,
                        float* scratch);

  // dx = W^T * dy (adds to dx where `accumulate`, for tensors with several consumers: the finished sum is added).
  void (*denseInputGradient)(const ConvShape&, const float* weights, const float* dy, float* dx, bool accumulate,
                             int item, float* scratch);
  void (*sparseInputGradient)(const ConvShape&, const SparseColumns&, const float* dy, float* dx, bool accumulate,
                              int item, float* scratch);

  // dW (dense tensor) or its entries on the non-zeros only, in CSR order (`gradient` has nnz entries).
  // `accumulate` adds the finished sum to what is there.
  void (*denseWeightGradient)(const ConvShape&, const float* x, const float* dy, float* gradient, bool accumulate,
                              int item, float* scratch);
  void (*sparseWeightGradient)(const ConvShape&, const int32_t* rowStart, const int32_t* tap, const float* x,
                               const float* dy, float* gradient, bool accumulate, int item, float* scratch);

  // db[o] = sum of dy over rows, columns and lanes, for output channels [begin, end).
  void (*biasGradient)(const ConvShape&, const float* dy, float* gradient, bool accumulate, int begin, int end);
};

// One per instruction set; null where this build lacks it. Defined in the per-ISA objects. Whether the machine can
// run a set is known to the two functions below, which is how to get one.
const KernelSet* kernelsAvx512();
const KernelSet* kernelsAvx2();
const KernelSet* kernelsNeon();
const KernelSet* kernelsPortable();

// The best set this machine can run; `FILIGREE_ISA` (avx512, avx2, neon, portable) overrides it. Defined in
// dispatch.cc.
const KernelSet& bestKernels();
const KernelSet* kernelsByName(const char* name);

}  // namespace filigree

// The table of kernels of one instruction set. The including file names the set before it includes this.
#pragma once
#include "dense-gather.h"
#include "sparse-gather.h"
#include "weight-gradient.h"

namespace filigree {
namespace {

inline KernelSet makeKernelSet(const char* isa) {
  KernelSet set;
  set.isa = isa;
  set.forwardItems = [](const ConvShape& s) { return Tiling(forwardGather(s)).items(); };
  set.inputGradientItems = [](const ConvShape& s) { return Tiling(inputGradientGather(s)).items(); };
  set.weightGradientItems = [](const ConvShape& s) { return Partition(s).items(); };
  set.scratchFloats = [](const ConvShape& s) {
    const Gather forward = forwardGather(s), input = inputGradientGather(s);
    size_t most = weightGradientScratch(s);
    const size_t needs[] = {denseScratch(forward), sparseScratch(forward), denseScratch(input), sparseScratch(input)};
    for (const size_t floats : needs)
      if (floats > most) most = floats;
    return most;
  };
  set.denseForward = [](const ConvShape& s, const float* weights, const float* bias, const float* x, float* y,
                        int item,
                        float* scratch) { denseGather(forwardGather(s), weights, bias, x, y, false, item, scratch); };
  set.sparseForward = [](const ConvShape& s, const SparseRows& w, const float* bias, const float* x, float* y,
                         int item, float* scratch) {
    sparseGather(forwardGather(s), {w.rowStart, w.tap, w.value}, bias, x, y, false, item, scratch);
  };
  set.denseInputGradient = [](const ConvShape& s, const float* weights, const float* dy, float* dx, bool accumulate,
                              int item, float* scratch) {
    denseGather(inputGradientGather(s), weights, nullptr, dy, dx, accumulate, item, scratch);
  };
  set.sparseInputGradient = [](const ConvShape& s, const SparseColumns& w, const float* dy, float* dx,
                               bool accumulate, int item, float* scratch) {
    sparseGather(inputGradientGather(s), {w.columnStart, w.tap, w.value}, nullptr, dy, dx, accumulate, item, scratch);
  };
  set.denseWeightGradient = denseWeightGradient;
  set.sparseWeightGradient = sparseWeightGradient;
  set.biasGradient = biasGradient;
  return set;
}

}  // namespace
}  // namespace filigree

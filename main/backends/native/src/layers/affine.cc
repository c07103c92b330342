#include "affine.h"

#include <algorithm>
#include <chrono>

namespace filigree {

namespace {

// Below this density a layer starts out sparse, until its first training step has measured.
constexpr double kLikelySparse = 0.2;
// A choice is measured again once the density has moved by this factor.
constexpr double kDensityMoved = 1.25;
// Output channels whose bias gradients make up one work item.
constexpr int kBiasBlock = 8;

}  // namespace

AffineLayer::AffineLayer(const KernelSet& kernels, ConvShape shape, Operand input, Operand output, Parameter& weight,
                         Parameter* bias, ExecutionPolicy policy)
    : kernels_(kernels), shape_(shape), input_(input), output_(output), weight_(weight), bias_(bias), policy_(policy) {}

size_t AffineLayer::scratchFloats(int lanes) const {
  ConvShape shape = shape_;
  shape.lanes = lanes;
  return kernels_.scratchFloats(shape);
}

ConvShape AffineLayer::shapeFor(const Pass& pass) const {
  ConvShape shape = shape_;
  shape.lanes = pass.lanes;
  return shape;
}

void AffineLayer::forward(const Pass& pass) {
  if (weight_.full() || policy_ == ExecutionPolicy::dense) execution_.sparse = false;
  else if (policy_ == ExecutionPolicy::sparse) execution_.sparse = true;
  else if (measuredDensity_ < 0) execution_.sparse = weight_.density() < kLikelySparse;
  runForward(pass, execution_.sparse, pass.value(output_));
}

void AffineLayer::backward(const Pass& pass) {
  if (policy_ == ExecutionPolicy::automatic && !weight_.full()) chooseExecution(pass);
  const bool compact = execution_.sparse && pass.gradients == GradientMode::support;
  weight_.beginGradient(pass.gradients, compact, pass.accumulate, pass.pool);
  if (bias_) bias_->beginGradient(pass.gradients, false, pass.accumulate, pass.pool);
  Gradients to{};
  to.input = input_.gradient < 0 ? nullptr : pass.gradient(input_);
  to.accumulateInput = input_.accumulate;
  to.weight = compact ? weight_.compactGradient() : weight_.gradient();
  to.compact = compact;
  to.bias = bias_ ? bias_->gradient() : nullptr;
  to.accumulate = pass.accumulate;
  runBackward(pass, execution_.sparse, to);
}

void AffineLayer::runForward(const Pass& pass, bool sparse, float* y) {
  const ConvShape shape = shapeFor(pass);
  const float* x = pass.value(input_);
  const float* bias = bias_ ? bias_->value() : nullptr;
  if (sparse) {
    const SparseRows rows = weight_.index(pass.pool).rows();
    pass.pool.run(kernels_.forwardItems(shape), [&](int item, int thread) {
      kernels_.sparseForward(shape, rows, bias, x, y, item, pass.scratch[thread].data());
    });
  } else {
    pass.pool.run(kernels_.forwardItems(shape), [&](int item, int thread) {
      kernels_.denseForward(shape, weight_.value(), bias, x, y, item, pass.scratch[thread].data());
    });
  }
}

// Input, weight and bias gradients read the same dy and write different places: one loop over all their work items.
void AffineLayer::runBackward(const Pass& pass, bool sparse, const Gradients& to) {
  const ConvShape shape = shapeFor(pass);
  const float* x = pass.value(input_);
  const float* dy = pass.gradient(output_);
  const SparseIndex* index = sparse ? &weight_.index(pass.pool) : nullptr;
  const int inputItems = to.input ? kernels_.inputGradientItems(shape) : 0;
  const int weightItems = kernels_.weightGradientItems(shape);
  const int biasItems = to.bias ? (shape.outChannels + kBiasBlock - 1) / kBiasBlock : 0;
  pass.pool.run(inputItems + weightItems + biasItems, [&](int item, int thread) {
    float* scratch = pass.scratch[thread].data();
    if (item < inputItems) {
      if (sparse) {
        kernels_.sparseInputGradient(shape, index->columns(), dy, to.input, to.accumulateInput, item, scratch);
      } else {
        kernels_.denseInputGradient(shape, weight_.value(), dy, to.input, to.accumulateInput, item, scratch);
      }
      return;
    }
    item -= inputItems;
    if (item < weightItems) {
      if (to.compact) {
        kernels_.sparseWeightGradient(shape, index->rowStart(), index->tap(), x, dy, to.weight, to.accumulate, item,
                                      scratch);
      } else {
        kernels_.denseWeightGradient(shape, x, dy, to.weight, to.accumulate, item, scratch);
      }
      return;
    }
    const int begin = (item - weightItems) * kBiasBlock;
    kernels_.biasGradient(shape, dy, to.bias, to.accumulate, begin, std::min(begin + kBiasBlock, shape.outChannels));
  });
}

// Runs the layer both ways on the batch at hand, into buffers thrown away afterwards. Since both ways give the same
// bits, timing noise can change the choice but never a result.
void AffineLayer::chooseExecution(const Pass& pass) {
  const double density = weight_.density();
  const bool moved = density > measuredDensity_ * kDensityMoved || density < measuredDensity_ / kDensityMoved;
  if (measuredDensity_ >= 0 && !moved) return;
  measuredDensity_ = density;
  execution_.sparseMs = measure(pass, true);
  execution_.denseMs = measure(pass, false);
  execution_.sparse = execution_.sparseMs < execution_.denseMs;
}

double AffineLayer::measure(const Pass& pass, bool sparse) {
  Floats y(shape_.outChannels * shapeFor(pass).outPlane());
  Floats dx(input_.gradient < 0 ? 0 : shape_.inChannels * shapeFor(pass).inPlane());
  Floats gradient(weight_.size());
  Gradients to{};
  to.input = dx.data();
  to.weight = gradient.data();
  to.compact = sparse;
  weight_.index(pass.pool);
  double times[4];
  for (double& time : times) {
    const auto start = std::chrono::steady_clock::now();
    runForward(pass, sparse, y.data());
    runBackward(pass, sparse, to);
    time = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  }
  // The first run warms caches and threads; of the others the median counts.
  std::sort(times + 1, times + 4);
  return times[2];
}

}  // namespace filigree

#include "batch_norm.h"

#include <cmath>

#include "../lane_sums.h"

namespace filigree {

BatchNormLayer::BatchNormLayer(const Spec& spec, Operand input, const Operand* residual, Operand output,
                               Parameter& scale, Parameter& shift, float* runningMean, float* runningVar)
    : spec_(spec),
      input_(input),
      residual_(residual ? *residual : Operand{-1, -1, false}),
      output_(output),
      hasResidual_(residual != nullptr),
      scale_(scale),
      shift_(shift),
      runningMean_(runningMean),
      runningVar_(runningVar),
      mean_(spec.channels),
      inverseDeviation_(spec.channels) {}

// A channel is one work item: it fits in a core's cache, so that its several passes read memory once.
void BatchNormLayer::forward(const Pass& pass) {
  pass.pool.run(spec_.channels, [&](int channel, int) { forwardChannel(pass, channel); });
}

void BatchNormLayer::backward(const Pass& pass) {
  scale_.beginGradient(pass.gradients, false, pass.accumulate, pass.pool);
  shift_.beginGradient(pass.gradients, false, pass.accumulate, pass.pool);
  pass.pool.run(spec_.channels, [&](int channel, int) { backwardChannel(pass, channel); });
}

// PyTorch's: the biased variance normalises, the unbiased one enters the running statistics.
void BatchNormLayer::updateStatistics(const Pass& pass, int c, const float* x) {
  if (!pass.training) {
    mean_[c] = runningMean_[c];
    inverseDeviation_[c] = 1.0f / std::sqrt(runningVar_[c] + spec_.epsilon);
    return;
  }
  const double count = double(spec_.positions) * pass.size;
  const float mean = float(laneSum(spec_.positions, pass.lanes, pass.size, [&](size_t i) { return x[i]; }) / count);
  const double squares = laneSum(spec_.positions, pass.lanes, pass.size, [&](size_t i) {
    const float d = x[i] - mean;
    return d * d;
  });
  mean_[c] = mean;
  inverseDeviation_[c] = float(1.0 / std::sqrt(squares / count + spec_.epsilon));
  const float m = spec_.momentum;
  const double unbiased = squares / (count > 1 ? count - 1 : 1);
  runningMean_[c] = (1 - m) * runningMean_[c] + m * mean;
  runningVar_[c] = (1 - m) * runningVar_[c] + m * float(unbiased);
}

void BatchNormLayer::forwardChannel(const Pass& pass, int c) {
  const size_t plane = size_t(spec_.positions) * pass.lanes;
  const float* x = pass.value(input_) + c * plane;
  const float* residual = hasResidual_ ? pass.value(residual_) + c * plane : nullptr;
  float* y = pass.value(output_) + c * plane;
  updateStatistics(pass, c, x);
  const float gain = scale_.value()[c] * inverseDeviation_[c];
  const float mean = mean_[c], shift = shift_.value()[c];
  const auto apply = [&](auto term) {
    if (spec_.relu) {
      // Written so that a NaN passes.
      for (size_t i = 0; i < plane; ++i) {
        const float z = term(i);
        y[i] = 0.0f > z ? 0.0f : z;
      }
    } else {
      for (size_t i = 0; i < plane; ++i) y[i] = term(i);
    }
  };
  if (residual) apply([=](size_t i) { return (x[i] - mean) * gain + shift + residual[i]; });
  else apply([=](size_t i) { return (x[i] - mean) * gain + shift; });
}

// dz = dy where the rectifier passed; dβ = Σ dz; dγ = Σ dz x̂; dx = γ/σ (dz − (dβ + x̂ dγ)/n); residual: dz.
void BatchNormLayer::backwardChannel(const Pass& pass, int c) {
  const size_t plane = size_t(spec_.positions) * pass.lanes;
  const float* x = pass.value(input_) + c * plane;
  float* dz = pass.gradient(output_) + c * plane;
  if (spec_.relu) {
    const float* y = pass.value(output_) + c * plane;
    for (size_t i = 0; i < plane; ++i) dz[i] = y[i] <= 0.0f ? 0.0f : dz[i];
  }
  const float mean = mean_[c], inverse = inverseDeviation_[c];
  const auto sum = [&](auto term) { return laneSum(spec_.positions, pass.lanes, pass.size, term); };
  const double sumDz = sum([=](size_t i) { return dz[i]; });
  const double sumDzX = sum([=](size_t i) { return dz[i] * ((x[i] - mean) * inverse); });
  if (hasResidual_ && residual_.gradient >= 0 && !sharesGradient(residual_, output_)) {
    assign(pass.gradient(residual_) + c * plane, residual_.accumulate, 0, plane, [=](size_t i) { return dz[i]; });
  }
  float& dScale = scale_.gradient()[c];
  float& dShift = shift_.gradient()[c];
  dScale = (pass.accumulate ? dScale : 0.0f) + float(sumDzX);
  dShift = (pass.accumulate ? dShift : 0.0f) + float(sumDz);
  if (input_.gradient < 0) return;

  float* dx = pass.gradient(input_) + c * plane;
  const double count = double(spec_.positions) * pass.size;
  const float meanDz = float(sumDz / count);
  const float slope = float(sumDzX / count) * inverse;
  const float gain = scale_.value()[c] * inverse;
  assign(dx, input_.accumulate, 0, plane, [=](size_t i) { return gain * (dz[i] - meanDz - (x[i] - mean) * slope); });
  clearPadding(dx, spec_.positions, pass.lanes, pass.size);
}

}  // namespace filigree

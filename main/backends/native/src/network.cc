#include "network.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>

#include "layers/add.h"
#include "layers/batch_norm.h"
#include "layers/dropout.h"
#include "layers/pool.h"
#include "layers/relu.h"

namespace filigree {

namespace {

int paddedLanes(int size) { return (size + 15) / 16 * 16; }
int features(const Shape& shape) { return shape[0] * shape[1] * shape[2]; }

double millisecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

Network::Network(NetworkSpec spec)
    : spec_(std::move(spec)),
      pool_(spec_.threads),
      loss_(spec_.classes, paddedLanes(spec_.maxBatch)),
      updater_(pool_, scratch_) {
  const int lanes = paddedLanes(spec_.maxBatch);
  parameters_.reserve(spec_.parameters.size());
  for (const ParameterSpec& parameter : spec_.parameters) parameters_.emplace_back(parameter);
  for (const BufferSpec& buffer : spec_.buffers) {
    buffers_.emplace_back(buffer.size);
    std::fill_n(buffers_.back().data(), buffer.size, buffer.initial);
  }
  for (const size_t rows : spec_.values) values_.emplace_back(rows * lanes);
  for (const size_t rows : spec_.gradients) gradients_.emplace_back(rows * lanes);

  size_t scratch = 0;
  for (const Parameter& parameter : parameters_) scratch = std::max(scratch, size_t(parameter.shape().taps()));
  for (const StepSpec& step : spec_.steps) {
    layers_.push_back(makeLayer(step));
    needsBackward_.push_back(step.output.gradient >= 0);
    if (auto* affine = dynamic_cast<AffineLayer*>(layers_.back().get())) {
      affine_.push_back(affine);
      // What an item needs does not always grow with the number of lanes.
      for (int n = 16; n <= lanes; n += 16) scratch = std::max(scratch, affine->scratchFloats(n));
    }
  }
  for (int thread = 0; thread < pool_.threads(); ++thread) scratch_.emplace_back(scratch);
}

std::unique_ptr<Layer> Network::makeLayer(const StepSpec& s) {
  const Operand input = s.inputs[0];
  const WindowSpec window{s.in[0],        s.in[1],       s.in[2],  s.out[1], s.out[2],
                          s.kernelHeight, s.kernelWidth, s.stride, s.padding};
  switch (s.kind) {
    case StepSpec::Kind::affine: {
      const ConvShape shape{s.in[0],        s.in[1],       s.in[2],  s.out[0],  s.out[1], s.out[2],
                            s.kernelHeight, s.kernelWidth, s.stride, s.padding, 0};
      Parameter* bias = s.bias < 0 ? nullptr : &parameters_[s.bias];
      return std::make_unique<AffineLayer>(bestKernels(), shape, input, s.output, parameters_[s.weight], bias,
                                           spec_.policy);
    }
    case StepSpec::Kind::batchNorm: {
      const BatchNormLayer::Spec norm{s.in[0], s.in[1] * s.in[2], s.epsilon, s.momentum, s.relu};
      return std::make_unique<BatchNormLayer>(norm, input, s.inputs.size() > 1 ? &s.inputs[1] : nullptr, s.output,
                                              parameters_[s.weight], parameters_[s.bias],
                                              buffers_[s.runningMean].data(), buffers_[s.runningVar].data());
    }
    case StepSpec::Kind::relu:
      return std::make_unique<ReluLayer>(features(s.in), input, s.output);
    case StepSpec::Kind::maxPool:
      return std::make_unique<MaxPoolLayer>(window, input, s.output, paddedLanes(spec_.maxBatch));
    case StepSpec::Kind::avgPool:
      return std::make_unique<AvgPoolLayer>(window, input, s.output);
    case StepSpec::Kind::dropout:
      return std::make_unique<DropoutLayer>(features(s.in), s.node, s.rate, input, s.output);
    case StepSpec::Kind::add:
      return std::make_unique<AddLayer>(features(s.in), input, s.inputs[1], s.output);
    case StepSpec::Kind::shortcut: {
      const ShortcutLayer::Spec shortcut{s.in[0], s.in[1], s.in[2], s.out[0], s.out[1], s.out[2], s.stride};
      return std::make_unique<ShortcutLayer>(shortcut, input, s.output);
    }
  }
  throw std::logic_error("unknown kind of step");
}

Pass Network::passFor(const Samples& samples, bool training, const TrainOptions& options) {
  return {samples.size,        paddedLanes(samples.size), training, options.gradients, options.accumulate,
          options.dropoutSeed, pool_,                     values_,  gradients_,        scratch_};
}

void Network::forward(const Samples& samples, const Pass& pass) {
  loadInput(spec_.input, samples, values_[0].data(), pass.lanes, pool_);
  for (auto& layer : layers_) layer->forward(pass);
}

StepResult Network::trainStep(const Samples& samples, const int32_t* labels, const TrainOptions& options) {
  const Pass pass = passFor(samples, true, options);
  const auto start = std::chrono::steady_clock::now();
  forward(samples, pass);
  const LossResult loss = loss_.run(pass.value(spec_.logits), labels, pass.size, pass.lanes, options.labelSmoothing,
                                    pass.gradient(spec_.logits), pool_);
  const double forwardMs = millisecondsSince(start);
  const auto middle = std::chrono::steady_clock::now();
  for (size_t i = layers_.size(); i-- > 0;) {
    if (needsBackward_[i]) layers_[i]->backward(pass);
  }
  return {loss.sum / pass.size, loss.correct, forwardMs, millisecondsSince(middle)};
}

LossResult Network::evaluate(const Samples& samples, const int32_t* labels) {
  const Pass pass = passFor(samples, false, {});
  forward(samples, pass);
  return loss_.run(pass.value(spec_.logits), labels, pass.size, pass.lanes, 0, nullptr, pool_);
}

void Network::logits(const Samples& samples, float* to) {
  const Pass pass = passFor(samples, false, {});
  forward(samples, pass);
  const float* from = pass.value(spec_.logits);
  for (int n = 0; n < pass.size; ++n) {
    for (int k = 0; k < spec_.classes; ++k) to[size_t(n) * spec_.classes + k] = from[size_t(k) * pass.lanes + n];
  }
}

void Network::applyUpdate(const UpdateRule& rule, const UpdateOptions& options) {
  if (options.all) {
    for (const Parameter& parameter : parameters_) {
      if (parameter.gradientMode() == GradientMode::dense || parameter.full()) continue;
      throw std::invalid_argument("an update of scope \"all\" needs gradients of mode \"dense\"; the last pass left " +
                                  parameter.name() + "'s out outside its mask");
    }
  }
  for (Parameter& parameter : parameters_) updater_.apply(parameter, rule, options);
}

double Network::gradientNorm() {
  double squares = 0;
  for (Parameter& parameter : parameters_) squares += parameter.squaredGradient(pool_);
  return std::sqrt(squares);
}

void Network::reselect() {
  for (Parameter& parameter : parameters_) {
    if (parameter.sparse()) parameter.reselect();
  }
}

size_t Network::bytes() const {
  size_t bytes = 0;
  for (const auto* group : {&buffers_, &values_, &gradients_, &scratch_}) {
    for (const Floats& floats : *group) bytes += 4 * floats.size();
  }
  for (const Parameter& parameter : parameters_) bytes += parameter.bytes();
  return bytes;
}

}  // namespace filigree

// Executes a compiled plan (see plan.ts): forward, loss, backward, updates. Everything a step needs is allocated here
// once; steps themselves allocate nothing.
#pragma once
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "input.h"
#include "layers/affine.h"
#include "layers/layer.h"
#include "loss.h"
#include "parameter.h"
#include "update_rules.h"

namespace filigree {

using Shape = std::array<int, 3>;  // channels, height, width

// One step of the plan; which fields count depends on the kind.
struct StepSpec {
  enum class Kind { affine, batchNorm, relu, maxPool, avgPool, dropout, add, shortcut };
  Kind kind;
  std::vector<Operand> inputs;  // a batch norm's second one is its residual
  Operand output;
  Shape in, out;
  int kernelHeight = 1, kernelWidth = 1, stride = 1, padding = 0;
  int weight = -1, bias = -1;  // parameters; γ and β of a batch norm
  int runningMean = -1, runningVar = -1;
  float epsilon = 0, momentum = 0;
  bool relu = false;
  float rate = 0;
  uint32_t node = 0;
};

struct BufferSpec {
  std::string name;
  int size;
  float initial;
};

struct NetworkSpec {
  InputSpec input;
  int classes, maxBatch, threads;
  ExecutionPolicy policy;
  std::vector<ParameterSpec> parameters;
  std::vector<BufferSpec> buffers;
  std::vector<size_t> values, gradients;  // buffers of the plan, in features (floats per lane)
  std::vector<StepSpec> steps;
  Operand logits;
};

struct TrainOptions {
  GradientMode gradients;
  float labelSmoothing;
  bool accumulate;
  uint32_t dropoutSeed;
};

struct StepResult {
  double loss;
  int correct;
  double forwardMs, backwardMs;
};

class Network {
 public:
  explicit Network(NetworkSpec);

  StepResult trainStep(const Samples&, const int32_t* labels, const TrainOptions&);
  LossResult evaluate(const Samples&, const int32_t* labels);
  // Sample-major [size][classes].
  void logits(const Samples&, float* to);

  // Throws std::invalid_argument where scope `all` meets gradients of a `support` pass.
  void applyUpdate(const UpdateRule&, const UpdateOptions&);
  double gradientNorm();
  void reselect();

  const NetworkSpec& spec() const { return spec_; }
  std::vector<Parameter>& parameters() { return parameters_; }
  Floats& buffer(int index) { return buffers_[index]; }
  const std::vector<AffineLayer*>& affineLayers() const { return affine_; }
  size_t bytes() const;

 private:
  std::unique_ptr<Layer> makeLayer(const StepSpec&);
  Pass passFor(const Samples&, bool training, const TrainOptions&);
  void forward(const Samples&, const Pass&);

  NetworkSpec spec_;
  ThreadPool pool_;
  std::vector<Parameter> parameters_;
  std::vector<Floats> buffers_, values_, gradients_, scratch_;
  std::vector<std::unique_ptr<Layer>> layers_;
  std::vector<AffineLayer*> affine_;
  std::vector<bool> needsBackward_;
  CrossEntropy loss_;
  Updater updater_;
};

}  // namespace filigree

// Linear layers and convolutions: the kernels' shape, with sparse or dense execution chosen by measurement.
#pragma once
#include "../kernels/kernels.h"
#include "layer.h"

namespace filigree {

enum class ExecutionPolicy { automatic, sparse, dense };

// How a layer runs and what was measured (milliseconds per batch, forward and backward; negative: not measured).
struct Execution {
  bool sparse = false;
  double sparseMs = -1, denseMs = -1;
};

class AffineLayer : public Layer {
 public:
  // `shape.lanes` is set by every pass; `bias` may be null.
  AffineLayer(const KernelSet&, ConvShape, Operand input, Operand output, Parameter& weight, Parameter* bias,
              ExecutionPolicy);

  void forward(const Pass&) override;
  void backward(const Pass&) override;

  const Parameter& weight() const { return weight_; }
  const Execution& execution() const { return execution_; }
  // Scratch floats that a work item needs at this many lanes.
  size_t scratchFloats(int lanes) const;

 private:
  // Where a backward pass writes; null pointers are left out.
  struct Gradients {
    float* input;
    bool accumulateInput;
    float* weight;
    bool compact;  // only the coordinates inside the mask, in the index's order
    float* bias;
    bool accumulate;
  };

  ConvShape shapeFor(const Pass&) const;
  void runForward(const Pass&, bool sparse, float* y);
  void runBackward(const Pass&, bool sparse, const Gradients&);
  void chooseExecution(const Pass&);
  double measure(const Pass&, bool sparse);

  const KernelSet& kernels_;
  ConvShape shape_;
  Operand input_, output_;
  Parameter& weight_;
  Parameter* bias_;
  ExecutionPolicy policy_;
  Execution execution_;
  double measuredDensity_ = -1;
};

}  // namespace filigree

// Batch normalisation with whatever follows it directly: y = relu(norm(x) + residual), both optional.
#pragma once
#include "layer.h"

namespace filigree {

class BatchNormLayer : public Layer {
 public:
  struct Spec {
    int channels, positions;  // positions = height * width
    float epsilon, momentum;
    bool relu;
  };
  // `residual` may be null. `runningMean` and `runningVar` have one entry per channel.
  BatchNormLayer(const Spec&, Operand input, const Operand* residual, Operand output, Parameter& scale,
                 Parameter& shift, float* runningMean, float* runningVar);

  void forward(const Pass&) override;
  void backward(const Pass&) override;

 private:
  void forwardChannel(const Pass&, int channel);
  void backwardChannel(const Pass&, int channel);
  void updateStatistics(const Pass&, int channel, const float* x);

  Spec spec_;
  Operand input_, residual_, output_;
  bool hasResidual_;
  Parameter& scale_;
  Parameter& shift_;
  float* runningMean_;
  float* runningVar_;
  Floats mean_, inverseDeviation_;  // of the batch, kept for the backward pass
};

}  // namespace filigree

#pragma once
#include "layer.h"

namespace filigree {

// Inverted dropout: in training a value is dropped with probability `rate` and scaled by 1/(1 - rate) otherwise.
// Which values fall is a hash of (seed, node, feature, sample), so the backward pass recomputes instead of storing
// it, and every backend drops the same ones.
class DropoutLayer : public Layer {
 public:
  // `node` is the layer's index in the graph.
  DropoutLayer(int features, uint32_t node, float rate, Operand input, Operand output)
      : features_(features), node_(node), rate_(rate), input_(input), output_(output) {}
  void forward(const Pass&) override;
  void backward(const Pass&) override;

 private:
  void apply(const Pass&, const float* from, float* to, bool accumulate) const;

  int features_;
  uint32_t node_;
  float rate_;
  Operand input_, output_;
};

}  // namespace filigree

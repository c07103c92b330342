#pragma once
#include "layer.h"

namespace filigree {

// y = max(x, 0); the plan often gives input and output one buffer.
class ReluLayer : public Layer {
 public:
  ReluLayer(int features, Operand input, Operand output) : features_(features), input_(input), output_(output) {}
  void forward(const Pass&) override;
  void backward(const Pass&) override;

 private:
  int features_;
  Operand input_, output_;
};

}  // namespace filigree

#pragma once
#include "layer.h"

namespace filigree {

// y = a + b, elementwise.
class AddLayer : public Layer {
 public:
  AddLayer(int features, Operand a, Operand b, Operand output) : features_(features), a_(a), b_(b), output_(output) {}
  void forward(const Pass&) override;
  void backward(const Pass&) override;

 private:
  int features_;
  Operand a_, b_, output_;
};

// ResNet's option A: every stride-th pixel, missing channels filled with zeros at the end.
class ShortcutLayer : public Layer {
 public:
  struct Spec {
    int inChannels, inHeight, inWidth, outChannels, outHeight, outWidth, stride;
  };
  ShortcutLayer(const Spec& spec, Operand input, Operand output) : spec_(spec), input_(input), output_(output) {}
  void forward(const Pass&) override;
  void backward(const Pass&) override;

 private:
  Spec spec_;
  Operand input_, output_;
};

}  // namespace filigree

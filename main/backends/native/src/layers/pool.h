#pragma once
#include "layer.h"

namespace filigree {

// A square window that slides over every channel by itself. A global average pool is one whose window is the image.
struct WindowSpec {
  int channels, inHeight, inWidth, outHeight, outWidth;
  int kernelHeight, kernelWidth, stride, padding;
};

// The first maximum in row-major order wins and takes the gradient; padding counts as -infinity.
class MaxPoolLayer : public Layer {
 public:
  MaxPoolLayer(const WindowSpec&, Operand input, Operand output, int maxLanes);
  void forward(const Pass&) override;
  void backward(const Pass&) override;

 private:
  WindowSpec spec_;
  Operand input_, output_;
  std::vector<int32_t> winner_;  // input position (row * width + column) of each output's maximum
};

// Divides by the window's area wherever it lies, padding included, as PyTorch does by default.
class AvgPoolLayer : public Layer {
 public:
  AvgPoolLayer(const WindowSpec& spec, Operand input, Operand output) : spec_(spec), input_(input), output_(output) {}
  void forward(const Pass&) override;
  void backward(const Pass&) override;

 private:
  WindowSpec spec_;
  Operand input_, output_;
};

}  // namespace filigree

// One step of the compiled plan, and what it can see while it runs.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "../parameter.h"
#include "../thread_pool.h"

namespace filigree {

// A tensor at one end of a step: indices into the plan's value buffers and gradient buffers.
struct Operand {
  int value;
  int gradient;     // -1: no gradient is wanted
  bool accumulate;  // another consumer has written the gradient already: add to it
};

// One training or inference pass over a batch. Buffers are [feature][lane]; lanes size..lanes-1 are padding, where
// values are finite but meaningless and gradients exactly 0.
struct Pass {
  int size, lanes;
  bool training;
  GradientMode gradients;
  bool accumulate;  // add to the parameters' gradients
  uint32_t dropoutSeed;
  ThreadPool& pool;
  std::vector<Floats>& values;
  std::vector<Floats>& gradientBuffers;
  std::vector<Floats>& scratch;  // one per thread

  float* value(const Operand& operand) const { return values[operand.value].data(); }
  float* gradient(const Operand& operand) const { return gradientBuffers[operand.gradient].data(); }
};

class Layer {
 public:
  virtual ~Layer() = default;
  virtual void forward(const Pass&) = 0;
  // Reads the output's gradient, writes or adds to those of inputs and parameters. Never called where no gradient of
  // the output is needed.
  virtual void backward(const Pass&) = 0;
};

// Where the plan says that an input's gradient is the output's buffer (`passesGradient` in plan.ts), a layer changes
// it in place.
inline bool sharesGradient(const Operand& input, const Operand& output) {
  return input.gradient == output.gradient && !input.accumulate;
}

// Sets the padded lanes of a buffer [positions][lanes] to 0.
inline void clearPadding(float* buffer, size_t positions, int lanes, int size) {
  if (size == lanes) return;
  for (size_t p = 0; p < positions; ++p) {
    for (size_t i = p * lanes + size; i < (p + 1) * lanes; ++i) buffer[i] = 0.0f;
  }
}

// Splits `features` rows of a buffer into work items of a size worth handing out: body(first, last).
template <class Body>
inline void forEachBlock(const Pass& pass, int features, const Body& body) {
  const int perBlock = 1 + 16384 / pass.lanes;
  const int blocks = (features + perBlock - 1) / perBlock;
  pass.pool.run(blocks, [&](int block, int) {
    const int first = block * perBlock;
    body(first, first + perBlock < features ? first + perBlock : features);
  });
}

// Writes or adds term(i) to `to` for all i in [begin, end).
template <class Term>
inline void assign(float* to, bool accumulate, size_t begin, size_t end, const Term& term) {
  if (accumulate) {
    for (size_t i = begin; i < end; ++i) to[i] += term(i);
  } else {
    for (size_t i = begin; i < end; ++i) to[i] = term(i);
  }
}

}  // namespace filigree

// Brings a batch from the data set's layout into the network's: x ← x · scale[c] + shift[c], transposed.
#pragma once
#include <cstdint>
#include <vector>

#include "thread_pool.h"

namespace filigree {

struct InputSpec {
  int channels, positions;  // positions = height * width
  std::vector<float> scale, shift;
  int features() const { return channels * positions; }
};

// A batch as JavaScript holds it, sample-major [size][features]; one of `bytes` and `floats` is not null.
struct Samples {
  const uint8_t* bytes;
  const float* floats;
  int size;
};

// Writes [feature][lane]; padded lanes become 0.
void loadInput(const InputSpec&, const Samples&, float* to, int lanes, ThreadPool&);

}  // namespace filigree

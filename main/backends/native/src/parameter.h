// A trainable tensor with its mask and the state that update rules keep for it.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "memory.h"
#include "sparse_index.h"
#include "thread_pool.h"

namespace filigree {

// The order is that of `slots` in index.ts.
enum class Slot { value, gradient, momentum, dual, moment1, moment2, updates };
constexpr int kSlots = 7;

enum class GradientMode { support, dense };

struct ParameterSpec {
  std::string name;
  WeightShape shape;  // vectors are one row
  int kernelGroup;    // columns of a group of `group-kernels`: kh * kw, or the row of a linear layer
  bool sparse;        // may be masked and regularised
};

// Dense arrays hold the single truth; the sparse index is derived from value and mask when it is asked for.
// Invariants: the value of a coordinate outside the mask is exactly 0; a parameter that is not sparse has no mask.
class Parameter {
 public:
  explicit Parameter(ParameterSpec spec);

  const std::string& name() const { return spec_.name; }
  const WeightShape& shape() const { return spec_.shape; }
  size_t size() const { return spec_.shape.size(); }
  int kernelGroup() const { return spec_.kernelGroup; }
  bool sparse() const { return spec_.sparse; }

  float* value() { return slots_[0].data(); }
  const float* value() const { return slots_[0].data(); }
  // A slot's array, zero when first asked for.
  float* slot(Slot);
  // Whether a slot holds anything but zeros.
  bool uses(Slot) const;

  void read(Slot, float* to);
  // A value outside the mask is dropped; other slots may hold what belongs to coordinates outside it.
  void write(Slot, const float* from);

  int activeCount() const { return activeCount_; }
  double density() const { return double(activeCount_) / double(size()); }
  bool full() const { return size_t(activeCount_) == size(); }
  uint8_t* mask() { return mask_.data(); }
  void readMask(uint8_t* to) const;
  // Coordinates that enter or leave get value, momentum, moments and update count 0; the dual stays.
  void writeMask(const uint8_t* from);
  // A <- (value != 0).
  void reselect();

  // An upper bound of the slot `updates`, for tables of bias corrections.
  int mostUpdates() const { return mostUpdates_; }
  void countUpdate() { ++mostUpdates_; }

  // What an update rule has to report after changing values (or, through `mask()`, the mask) itself.
  void valuesChanged() { valuesStale_ = true; }
  void maskChanged(int activeCount);

  // The index of the current mask with the current values.
  SparseIndex& index(ThreadPool&);

  // --- The gradient: all coordinates, or only those inside the mask, dense or compact in the index's order. ---
  // Prepares for a pass that writes (or adds to) a gradient of this mode and form.
  void beginGradient(GradientMode, bool compact, bool accumulate, ThreadPool&);
  GradientMode gradientMode() const { return gradientMode_; }
  bool gradientCompact() const { return compact_; }
  float* gradient() { return slots_[1].data(); }
  float* compactGradient() { return compactGradient_.data(); }
  // Brings the gradient into dense form, with zeros outside the mask after a `support` pass.
  void settleGradient();
  // Sum of squares; after a `support` pass over the coordinates inside the mask. Same bits for any number of threads.
  double squaredGradient(ThreadPool&);

  size_t bytes() const;

 private:
  bool has(Slot slot) const { return !slots_[int(slot)].empty(); }

  ParameterSpec spec_;
  std::array<Floats, kSlots> slots_;
  std::vector<uint8_t> mask_;
  int activeCount_;
  int mostUpdates_ = 0;
  SparseIndex index_;
  bool maskStale_ = true, valuesStale_ = true;
  GradientMode gradientMode_ = GradientMode::dense;
  bool compact_ = false;
  std::vector<float> compactGradient_;
  std::vector<double> rowSums_;
};

}  // namespace filigree

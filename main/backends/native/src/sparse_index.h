// The coordinates inside a weight's mask in the two orders that the sparse kernels walk, with their values.
#pragma once
#include <cstdint>
#include <vector>

#include "kernels/kernels.h"
#include "thread_pool.h"

namespace filigree {

// A weight tensor [rows][inChannels][area] as a matrix: rows x taps, taps = inChannels * area.
struct WeightShape {
  int rows, inChannels, area;
  int taps() const { return inChannels * area; }
  size_t size() const { return size_t(rows) * taps(); }
};

// CSR by output channel and CSC by input channel. Storage only ever grows, so that a mask that changes every step
// costs no allocation.
class SparseIndex {
 public:
  // Rebuilds both orders from a dense mask and gathers the values.
  void build(const WeightShape&, const uint8_t* mask, const float* dense, ThreadPool&);
  // Takes the current values from the dense tensor.
  void gather(const WeightShape&, const float* dense, ThreadPool&);

  int count() const { return count_; }
  const int32_t* rowStart() const { return rowStart_.data(); }
  const int32_t* tap() const { return tap_.data(); }
  SparseRows rows() const { return {rowStart_.data(), tap_.data(), rowValue_.data()}; }
  SparseColumns columns() const { return {columnStart_.data(), columnTap_.data(), columnValue_.data()}; }

  // Replaces the value of entry k (CSR order) in both orders.
  void set(int k, float value) {
    rowValue_[k] = value;
    columnValue_[columnEntry_[k]] = value;
  }

  size_t bytes() const;

 private:
  int count_ = 0;
  std::vector<int32_t> rowStart_, tap_;
  std::vector<float> rowValue_;
  std::vector<int32_t> columnStart_, columnTap_;
  std::vector<float> columnValue_;
  std::vector<int32_t> columnEntry_;  // position in column order of each entry in row order
  std::vector<int32_t> cursor_;
};

}  // namespace filigree

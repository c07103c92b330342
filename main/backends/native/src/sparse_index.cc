#include "sparse_index.h"

#include <algorithm>

namespace filigree {

void SparseIndex::build(const WeightShape& shape, const uint8_t* mask, const float* dense, ThreadPool& pool) {
  const int taps = shape.taps();
  rowStart_.resize(shape.rows + 1);
  columnStart_.resize(shape.inChannels + 1);
  cursor_.resize(shape.inChannels);

  pool.run(shape.rows, [&](int row, int) {
    const uint8_t* rowMask = mask + size_t(row) * taps;
    int inside = 0;
    for (int t = 0; t < taps; ++t) inside += rowMask[t];
    rowStart_[row + 1] = inside;
  });
  rowStart_[0] = 0;
  for (int row = 0; row < shape.rows; ++row) rowStart_[row + 1] += rowStart_[row];
  count_ = rowStart_[shape.rows];
  for (auto* entries : {&tap_, &columnTap_, &columnEntry_}) entries->resize(std::max(entries->size(), size_t(count_)));
  for (auto* values : {&rowValue_, &columnValue_}) values->resize(std::max(values->size(), size_t(count_)));

  pool.run(shape.rows, [&](int row, int) {
    const uint8_t* rowMask = mask + size_t(row) * taps;
    int k = rowStart_[row];
    for (int t = 0; t < taps; ++t) {
      if (rowMask[t]) tap_[k++] = t;
    }
  });

  // Walking the rows in order leaves every column ordered by (out-channel, ky, kx).
  std::fill(columnStart_.begin(), columnStart_.end(), 0);
  for (int k = 0; k < count_; ++k) ++columnStart_[tap_[k] / shape.area + 1];
  for (int c = 0; c < shape.inChannels; ++c) columnStart_[c + 1] += columnStart_[c];
  std::copy(columnStart_.begin(), columnStart_.end() - 1, cursor_.begin());
  for (int row = 0; row < shape.rows; ++row) {
    for (int k = rowStart_[row]; k < rowStart_[row + 1]; ++k) {
      const int channel = tap_[k] / shape.area;
      const int entry = cursor_[channel]++;
      columnEntry_[k] = entry;
      columnTap_[entry] = row * shape.area + tap_[k] - channel * shape.area;
    }
  }
  gather(shape, dense, pool);
}

void SparseIndex::gather(const WeightShape& shape, const float* dense, ThreadPool& pool) {
  const int taps = shape.taps();
  pool.run(shape.rows, [&](int row, int) {
    const float* rowValues = dense + size_t(row) * taps;
    for (int k = rowStart_[row]; k < rowStart_[row + 1]; ++k) set(k, rowValues[tap_[k]]);
  });
}

size_t SparseIndex::bytes() const {
  return 4 * (rowStart_.capacity() + tap_.capacity() + rowValue_.capacity() + columnStart_.capacity() +
              columnTap_.capacity() + columnValue_.capacity() + columnEntry_.capacity() + cursor_.capacity());
}

}  // namespace filigree

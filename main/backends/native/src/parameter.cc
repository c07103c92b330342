#include "parameter.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "lane_sums.h"

namespace filigree {

Parameter::Parameter(ParameterSpec spec)
    : spec_(std::move(spec)), activeCount_(int(spec_.shape.size())) {
  // The kernels index weights with 32 bits.
  if (size() > size_t(std::numeric_limits<int32_t>::max())) {
    throw std::invalid_argument(name() + " has more weights than the engine can count");
  }
  slots_[int(Slot::value)] = Floats(size());
  slots_[int(Slot::gradient)] = Floats(size());
  if (spec_.sparse) mask_.assign(size(), 1);
}

float* Parameter::slot(Slot slot) {
  Floats& floats = slots_[int(slot)];
  if (floats.empty()) floats = Floats(size());
  return floats.data();
}

bool Parameter::uses(Slot slot) const {
  const Floats& floats = slots_[int(slot)];
  return std::any_of(floats.data(), floats.data() + floats.size(), [](float v) { return v != 0.0f; });
}

void Parameter::read(Slot slot, float* to) {
  if (slot == Slot::gradient) settleGradient();
  if (has(slot)) std::copy_n(slots_[int(slot)].data(), size(), to);
  else std::fill_n(to, size(), 0.0f);
}

void Parameter::write(Slot slot, const float* from) {
  float* to = this->slot(slot);
  if (slot == Slot::value && sparse()) {
    for (size_t i = 0; i < size(); ++i) to[i] = mask_[i] ? from[i] : 0.0f;
  } else {
    std::copy_n(from, size(), to);
  }
  if (slot == Slot::value) valuesStale_ = true;
  if (slot == Slot::updates) mostUpdates_ = int(*std::max_element(from, from + size()));
  if (slot == Slot::gradient) {
    gradientMode_ = GradientMode::dense;
    compact_ = false;
  }
}

void Parameter::readMask(uint8_t* to) const {
  if (sparse()) std::copy_n(mask_.data(), size(), to);
  else std::fill_n(to, size(), uint8_t(1));
}

void Parameter::writeMask(const uint8_t* from) {
  settleGradient();
  int active = 0;
  for (size_t i = 0; i < size(); ++i) {
    const uint8_t inside = from[i] != 0;
    active += inside;
    if (inside == mask_[i]) continue;
    mask_[i] = inside;
    for (const Slot slot : {Slot::value, Slot::momentum, Slot::moment1, Slot::moment2, Slot::updates}) {
      if (has(slot)) slots_[int(slot)][i] = 0.0f;
    }
  }
  maskChanged(active);
}

void Parameter::reselect() {
  settleGradient();
  const float* theta = value();
  int active = 0;
  for (size_t i = 0; i < size(); ++i) {
    mask_[i] = theta[i] != 0.0f;
    active += mask_[i];
  }
  maskChanged(active);
}

void Parameter::maskChanged(int activeCount) {
  activeCount_ = activeCount;
  maskStale_ = true;
}

SparseIndex& Parameter::index(ThreadPool& pool) {
  if (maskStale_) {
    index_.build(shape(), mask_.data(), value(), pool);
    compactGradient_.resize(std::max(compactGradient_.size(), size_t(index_.count())));
  } else if (valuesStale_) {
    index_.gather(shape(), value(), pool);
  }
  maskStale_ = valuesStale_ = false;
  return index_;
}

void Parameter::beginGradient(GradientMode mode, bool compact, bool accumulate, ThreadPool& pool) {
  if (compact) index(pool);
  const bool entersOutside = mode == GradientMode::dense && gradientMode_ == GradientMode::support;
  if (accumulate && (compact != compact_ || entersOutside)) {
    settleGradient();
    if (compact) {
      const int taps = shape().taps();
      pool.run(shape().rows, [&](int row, int) {
        for (int k = index_.rowStart()[row]; k < index_.rowStart()[row + 1]; ++k) {
          compactGradient_[k] = gradient()[size_t(row) * taps + index_.tap()[k]];
        }
      });
    }
  }
  gradientMode_ = full() ? GradientMode::dense : mode;
  compact_ = compact;
}

void Parameter::settleGradient() {
  float* dense = gradient();
  if (compact_) {
    const int taps = shape().taps();
    std::fill_n(dense, size(), 0.0f);
    for (int row = 0; row < shape().rows; ++row) {
      for (int k = index_.rowStart()[row]; k < index_.rowStart()[row + 1]; ++k) {
        dense[size_t(row) * taps + index_.tap()[k]] = compactGradient_[k];
      }
    }
    compact_ = false;
  } else if (gradientMode_ == GradientMode::support && !full()) {
    for (size_t i = 0; i < size(); ++i) dense[i] = mask_[i] ? dense[i] : 0.0f;
  }
}

double Parameter::squaredGradient(ThreadPool& pool) {
  settleGradient();
  rowSums_.resize(shape().rows);
  const size_t taps = shape().taps();
  pool.run(shape().rows, [&](int row, int) {
    const float* g = gradient() + row * taps;
    rowSums_[row] = laneSum(taps, 1, 1, [=](size_t i) { return g[i] * g[i]; });
  });
  return std::accumulate(rowSums_.begin(), rowSums_.end(), 0.0);
}

size_t Parameter::bytes() const {
  size_t bytes = mask_.capacity() + 4 * compactGradient_.capacity() + index_.bytes();
  for (const Floats& slot : slots_) bytes += 4 * slot.size();
  return bytes;
}

}  // namespace filigree

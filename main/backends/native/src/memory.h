// Float arrays on 64-byte boundaries, as the kernels need them.
#pragma once
#include <cstddef>
#include <cstring>
#include <new>
#include <utility>

namespace filigree {

// A fixed-size array of floats, zero at first. Movable, not copyable.
class Floats {
 public:
  Floats() = default;
  explicit Floats(size_t size) : size_(size) {
    if (size == 0) return;
    data_ = static_cast<float*>(::operator new(size * sizeof(float), kAlignment));
    std::memset(data_, 0, size * sizeof(float));
  }
  Floats(Floats&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Floats& operator=(Floats&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Floats() {
    if (data_) ::operator delete(data_, kAlignment);
  }

  float* data() { return data_; }
  const float* data() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  float& operator[](size_t i) { return data_[i]; }
  float operator[](size_t i) const { return data_[i]; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  float* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace filigree

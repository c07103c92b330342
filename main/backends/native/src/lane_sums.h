// Sums over a buffer in one fixed order, whatever the vectors are that the compiler uses: interleaved float partial
// sums, taken over into doubles before rounding errors can grow.
#pragma once
#include <cstddef>

namespace filigree {

class LaneSum {
 public:
  // Adds term(begin) .. term(end - 1).
  template <class Term>
  void add(size_t begin, size_t end, const Term& term) {
    for (size_t i = begin; i < end; i += kPartials) {
      // A simple loop over memory, which every compiler vectorises without -ffast-math.
      const size_t count = end - i < kPartials ? end - i : kPartials;
      for (size_t j = 0; j < count; ++j) partials_[j] += term(i + j);
      if (++rounds_ == kRounds) flush();
    }
  }

  double total() {
    flush();
    double total = 0;
    for (const double partial : totals_) total += partial;
    return total;
  }

 private:
  static constexpr size_t kPartials = 128;
  static constexpr int kRounds = 16;

  void flush() {
    for (size_t j = 0; j < kPartials; ++j) {
      totals_[j] += partials_[j];
      partials_[j] = 0;
    }
    rounds_ = 0;
  }

  float partials_[kPartials] = {};
  double totals_[kPartials] = {};
  int rounds_ = 0;
};

// The sum of term(index) over all samples of a buffer [positions][lanes], leaving out the padded lanes.
template <class Term>
double laneSum(size_t positions, int lanes, int size, const Term& term) {
  LaneSum sum;
  if (size == lanes) {
    sum.add(0, positions * lanes, term);
  } else {
    for (size_t p = 0; p < positions; ++p) sum.add(p * lanes, p * lanes + size, term);
  }
  return sum.total();
}

}  // namespace filigree

// Sums over a buffer in one fixed order: 16 interleaved float partial sums, taken over into doubles every 1024 terms,
// so that rounding errors do not grow with the buffer and compilers can use vectors of any width.
#pragma once
#include <cstddef>

namespace filigree {

constexpr int kPartials = 16;
constexpr size_t kBlock = 1024;

namespace detail {

inline double total(const double* partials) {
  double sum = 0;
  for (int j = 0; j < kPartials; ++j) sum += partials[j];
  return sum;
}

// Adds term(begin) .. term(end - 1) to the partial sums; end - begin may be anything.
template <class Term>
inline void addRange(double* totals, size_t begin, size_t end, const Term& term) {
  while (begin < end) {
    const size_t stop = end - begin < kBlock ? end : begin + kBlock;
    float partials[kPartials] = {};
    size_t i = begin;
    for (; i + kPartials <= stop; i += kPartials) {
      for (int j = 0; j < kPartials; ++j) partials[j] += term(i + j);
    }
    for (int j = 0; i < stop; ++i, ++j) partials[j] += term(i);
    for (int j = 0; j < kPartials; ++j) totals[j] += partials[j];
    begin = stop;
  }
}

}  // namespace detail

// The sum of term(index) over all samples of a buffer [positions][lanes], leaving out the padded lanes.
template <class Term>
inline double laneSum(size_t positions, int lanes, int size, const Term& term) {
  double totals[kPartials] = {};
  if (size == lanes) {
    detail::addRange(totals, 0, positions * lanes, term);
  } else {
    for (size_t p = 0; p < positions; ++p) detail::addRange(totals, p * lanes, p * lanes + size, term);
  }
  return detail::total(totals);
}

struct LaneSums {
  double first, second;
};

// Two sums over 0 .. count-1 at once; count is a multiple of 16.
template <class First, class Second>
inline LaneSums laneSums(size_t count, const First& first, const Second& second) {
  double totals[2][kPartials] = {};
  for (size_t begin = 0; begin < count; begin += kBlock) {
    const size_t stop = count - begin < kBlock ? count : begin + kBlock;
    float a[kPartials] = {}, b[kPartials] = {};
    for (size_t i = begin; i < stop; i += kPartials) {
      for (int j = 0; j < kPartials; ++j) a[j] += first(i + j);
      for (int j = 0; j < kPartials; ++j) b[j] += second(i + j);
    }
    for (int j = 0; j < kPartials; ++j) {
      totals[0][j] += a[j];
      totals[1][j] += b[j];
    }
  }
  return {detail::total(totals[0]), detail::total(totals[1])};
}

}  // namespace filigree

// One vector type over the instruction set that the including file is compiled for.
//
// Everything here and in the files built on it has internal linkage and uses no standard templates, so that objects
// compiled for different instruction sets share no symbol: the linker can never pick an AVX-512 copy of a helper
// for a machine that lacks it.
#pragma once
#include <cstddef>
#include <cstdint>

#if defined(FILIGREE_SIMD_AVX512) || defined(FILIGREE_SIMD_AVX2)
#include <immintrin.h>
#elif defined(FILIGREE_SIMD_NEON)
#include <arm_neon.h>
#endif
#if defined(_MSC_VER)
#include <intrin.h>
#endif

#if defined(_MSC_VER) && !defined(__clang__)
#define FILIGREE_INLINE __forceinline
#define FILIGREE_NOINLINE __declspec(noinline)
#else
#define FILIGREE_INLINE inline __attribute__((always_inline))
#define FILIGREE_NOINLINE __attribute__((noinline))
#endif

namespace filigree {
namespace {

#if defined(FILIGREE_SIMD_AVX512)

constexpr int kWidth = 16;      // floats in a vector
constexpr int kRegisters = 32;  // vector registers
struct Vec {
  __m512 v;
};
FILIGREE_INLINE Vec zero() { return {_mm512_setzero_ps()}; }
FILIGREE_INLINE Vec broadcast(float value) { return {_mm512_set1_ps(value)}; }
FILIGREE_INLINE Vec load(const float* from) { return {_mm512_load_ps(from)}; }
FILIGREE_INLINE void store(float* to, Vec a) { _mm512_store_ps(to, a.v); }
FILIGREE_INLINE Vec add(Vec a, Vec b) { return {_mm512_add_ps(a.v, b.v)}; }
FILIGREE_INLINE Vec fma(Vec a, Vec b, Vec c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }

#elif defined(FILIGREE_SIMD_AVX2)

constexpr int kWidth = 8;
constexpr int kRegisters = 16;
struct Vec {
  __m256 v;
};
FILIGREE_INLINE Vec zero() { return {_mm256_setzero_ps()}; }
FILIGREE_INLINE Vec broadcast(float value) { return {_mm256_set1_ps(value)}; }
FILIGREE_INLINE Vec load(const float* from) { return {_mm256_load_ps(from)}; }
FILIGREE_INLINE void store(float* to, Vec a) { _mm256_store_ps(to, a.v); }
FILIGREE_INLINE Vec add(Vec a, Vec b) { return {_mm256_add_ps(a.v, b.v)}; }
FILIGREE_INLINE Vec fma(Vec a, Vec b, Vec c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }

#elif defined(FILIGREE_SIMD_NEON)

constexpr int kWidth = 4;
constexpr int kRegisters = 32;
struct Vec {
  float32x4_t v;
};
FILIGREE_INLINE Vec zero() { return {vdupq_n_f32(0.0f)}; }
FILIGREE_INLINE Vec broadcast(float value) { return {vdupq_n_f32(value)}; }
FILIGREE_INLINE Vec load(const float* from) { return {vld1q_f32(from)}; }
FILIGREE_INLINE void store(float* to, Vec a) { vst1q_f32(to, a.v); }
FILIGREE_INLINE Vec add(Vec a, Vec b) { return {vaddq_f32(a.v, b.v)}; }
FILIGREE_INLINE Vec fma(Vec a, Vec b, Vec c) { return {vfmaq_f32(c.v, a.v, b.v)}; }

#else  // portable: plain arrays, which compilers turn into whatever vectors the target has

constexpr int kWidth = 4;
constexpr int kRegisters = 16;
struct Vec {
  float v[4];
};
FILIGREE_INLINE Vec broadcast(float value) { return {{value, value, value, value}}; }
FILIGREE_INLINE Vec zero() { return broadcast(0.0f); }
FILIGREE_INLINE Vec load(const float* from) { return {{from[0], from[1], from[2], from[3]}}; }
FILIGREE_INLINE void store(float* to, Vec a) {
  for (int i = 0; i < 4; ++i) to[i] = a.v[i];
}
FILIGREE_INLINE Vec add(Vec a, Vec b) {
  return {{a.v[0] + b.v[0], a.v[1] + b.v[1], a.v[2] + b.v[2], a.v[3] + b.v[3]}};
}
// Rounds twice: a correctly rounded fma without hardware is a slow library call. The dense and the sparse kernel
// of this set round alike, so they still agree.
FILIGREE_INLINE Vec fma(Vec a, Vec b, Vec c) {
  return {{a.v[0] * b.v[0] + c.v[0], a.v[1] * b.v[1] + c.v[1], a.v[2] * b.v[2] + c.v[2], a.v[3] * b.v[3] + c.v[3]}};
}

#endif

// Asks for the cache line at `from`, which need not be valid memory.
FILIGREE_INLINE void prefetch(const float* from) {
#if defined(_MSC_VER) && defined(_M_ARM64)
  __prefetch(from);
#elif defined(_MSC_VER)
  _mm_prefetch(reinterpret_cast<const char*>(from), _MM_HINT_T0);
#else
  __builtin_prefetch(from);
#endif
}

// Batches are padded to groups of 16 lanes: the smallest unit that all kernels work in.
constexpr int kGroup = 16;
constexpr int kParts = kGroup / kWidth;  // vectors in a group

// The sums of four groups' 16 slots, each by halving: slot s + slot s+8, then s+4, s+2, s+1. The order does not
// depend on the vector width, so neither do the bits.
#if defined(FILIGREE_SIMD_AVX512) || defined(FILIGREE_SIMD_AVX2)

FILIGREE_INLINE __m128 quarter(const Vec* parts) {
#if defined(FILIGREE_SIMD_AVX512)
  const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(parts[0].v), _mm512_extractf32x8_ps(parts[0].v, 1));
#else
  const __m256 half = _mm256_add_ps(parts[0].v, parts[1].v);
#endif
  return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}
FILIGREE_INLINE void sumGroups(const Vec* a, const Vec* b, const Vec* c, const Vec* d, float* to) {
  const __m128 qa = quarter(a), qb = quarter(b), qc = quarter(c), qd = quarter(d);
  const __m128 ab = _mm_add_ps(_mm_movelh_ps(qa, qb), _mm_movehl_ps(qb, qa));
  const __m128 cd = _mm_add_ps(_mm_movelh_ps(qc, qd), _mm_movehl_ps(qd, qc));
  _mm_storeu_ps(to, _mm_hadd_ps(ab, cd));
}

#elif defined(FILIGREE_SIMD_NEON)

FILIGREE_INLINE float32x2_t eighth(const Vec* parts) {
  const float32x4_t quarter = vaddq_f32(vaddq_f32(parts[0].v, parts[2].v), vaddq_f32(parts[1].v, parts[3].v));
  return vadd_f32(vget_low_f32(quarter), vget_high_f32(quarter));
}
FILIGREE_INLINE void sumGroups(const Vec* a, const Vec* b, const Vec* c, const Vec* d, float* to) {
  vst1q_f32(to, vpaddq_f32(vcombine_f32(eighth(a), eighth(b)), vcombine_f32(eighth(c), eighth(d))));
}

#else

FILIGREE_INLINE float sumGroup(const Vec* parts) {
  const Vec q = add(add(parts[0], parts[2]), add(parts[1], parts[3]));
  return (q.v[0] + q.v[2]) + (q.v[1] + q.v[3]);
}
FILIGREE_INLINE void sumGroups(const Vec* a, const Vec* b, const Vec* c, const Vec* d, float* to) {
  to[0] = sumGroup(a);
  to[1] = sumGroup(b);
  to[2] = sumGroup(c);
  to[3] = sumGroup(d);
}

#endif

FILIGREE_INLINE constexpr int minimum(int a, int b) { return a < b ? a : b; }
FILIGREE_INLINE constexpr int maximum(int a, int b) { return a > b ? a : b; }
FILIGREE_INLINE constexpr int divideUp(int a, int b) { return (a + b - 1) / b; }

// A number known at compile time, and a call with the one equal to `n` (1 <= n <= Most).
template <int N>
struct Constant {
  static constexpr int value = N;
};
template <int Most, class Body>
FILIGREE_INLINE void withConstant(int n, Body body) {
  if constexpr (Most > 1) {
    if (n < Most) return withConstant<Most - 1>(n, body);
  }
  body(Constant<Most>{});
}

}  // namespace
}  // namespace filigree

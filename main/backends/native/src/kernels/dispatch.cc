// Chooses the kernels for the machine at hand.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "kernels.h"

#if defined(_MSC_VER) && defined(_M_X64)
#include <immintrin.h>
#include <intrin.h>
#endif

namespace filigree {
namespace {

// Both the processor and the operating system have to know a register before it can be used: CPUID tells of the one,
// XCR0 (the register states that the system saves) of the other. GCC's and Clang's built-in checks both.

#if defined(_MSC_VER) && defined(_M_X64)

struct Registers {
  int eax, ebx, ecx, edx;
};

Registers cpuid(int leaf) {
  int out[4];
  __cpuidex(out, leaf, 0);
  return {out[0], out[1], out[2], out[3]};
}

bool systemSaves(uint64_t states) {
  constexpr int kOsxsave = 1 << 27;
  return (cpuid(1).ecx & kOsxsave) && (_xgetbv(0) & states) == states;
}

bool machineHasAvx2() {
  constexpr int kFma = 1 << 12, kAvx2 = 1 << 5;
  constexpr uint64_t kYmm = 0x6;  // XMM and YMM
  return cpuid(0).eax >= 7 && (cpuid(1).ecx & kFma) && (cpuid(7).ebx & kAvx2) && systemSaves(kYmm);
}

bool machineHasAvx512() {
  constexpr unsigned kNeeded = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;  // F, DQ, BW, VL
  constexpr uint64_t kZmm = 0xe6;  // XMM, YMM, mask registers, both halves of ZMM
  return machineHasAvx2() && (unsigned(cpuid(7).ebx) & kNeeded) == kNeeded && systemSaves(kZmm);
}

#elif defined(__x86_64__)

bool machineHasAvx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

bool machineHasAvx512() {
  return machineHasAvx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}

#else

bool machineHasAvx2() { return false; }
bool machineHasAvx512() { return false; }

#endif

const KernelSet& chooseKernels() {
  const char* wanted = std::getenv("FILIGREE_ISA");
  if (wanted && *wanted) {
    if (const KernelSet* set = kernelsByName(wanted)) return *set;
    std::fprintf(stderr,
                 "FILIGREE_ISA=%s is not available here (known: avx512, avx2, neon, portable); choosing by CPU\n",
                 wanted);
  }
  constexpr const char* kFastestFirst[] = {"avx512", "avx2", "neon"};
  for (const char* name : kFastestFirst)
    if (const KernelSet* set = kernelsByName(name)) return *set;
  return *kernelsPortable();
}

}  // namespace

const KernelSet* kernelsByName(const char* name) {
  if (!std::strcmp(name, "avx512")) return machineHasAvx512() ? kernelsAvx512() : nullptr;
  if (!std::strcmp(name, "avx2")) return machineHasAvx2() ? kernelsAvx2() : nullptr;
  if (!std::strcmp(name, "neon")) return kernelsNeon();
  if (!std::strcmp(name, "portable")) return kernelsPortable();
  return nullptr;
}

const KernelSet& bestKernels() {
  static const KernelSet& best = chooseKernels();
  return best;
}

}  // namespace filigree

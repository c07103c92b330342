#include "kernels.h"

#if defined(__aarch64__) || defined(_M_ARM64)
#define FILIGREE_SIMD_NEON
#include "kernel-set.h"

const filigree::KernelSet* filigree::kernelsNeon() {
  static const KernelSet set = makeKernelSet("NEON");
  return &set;
}
#else
const filigree::KernelSet* filigree::kernelsNeon() { return nullptr; }
#endif

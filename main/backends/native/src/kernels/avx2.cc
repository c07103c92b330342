#include "kernels.h"

#if defined(__AVX2__) && (defined(__FMA__) || defined(_MSC_VER))
#define FILIGREE_SIMD_AVX2
#include "kernel-set.h"

const filigree::KernelSet* filigree::kernelsAvx2() {
  static const KernelSet set = makeKernelSet("AVX2");
  return &set;
}
#else
const filigree::KernelSet* filigree::kernelsAvx2() { return nullptr; }
#endif

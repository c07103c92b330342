#include "kernels.h"

#if defined(__AVX512F__)
#define FILIGREE_SIMD_AVX512
#include "kernel-set.h"

const filigree::KernelSet* filigree::kernelsAvx512() {
  static const KernelSet set = makeKernelSet("AVX-512");
  return &set;
}
#else
const filigree::KernelSet* filigree::kernelsAvx512() { return nullptr; }
#endif

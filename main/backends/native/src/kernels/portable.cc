#include "kernel-set.h"

const filigree::KernelSet* filigree::kernelsPortable() {
  static const KernelSet set = makeKernelSet("portable");
  return &set;
}

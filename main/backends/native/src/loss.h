// Softmax cross-entropy on logits [class][lane].
#pragma once
#include <cstdint>
#include <vector>

#include "thread_pool.h"

namespace filigree {

struct LossResult {
  double sum;   // over the batch
  int correct;  // samples whose largest logit is the label's; the first index wins ties
};

class CrossEntropy {
 public:
  CrossEntropy(int classes, int maxLanes) : classes_(classes), losses_(maxLanes), hits_(maxLanes) {}

  // The target is (1 - smoothing) onehot + smoothing / classes, as in PyTorch. `gradient`, where not null, receives
  // the gradient of the batch's mean loss, 0 in padded lanes.
  LossResult run(const float* logits, const int32_t* labels, int size, int lanes, float smoothing, float* gradient,
                 ThreadPool&);

 private:
  void runGroup(const float* logits, const int32_t* labels, int begin, int size, int lanes, float smoothing,
                float* gradient);

  int classes_;
  std::vector<double> losses_;
  std::vector<uint8_t> hits_;
};

}  // namespace filigree

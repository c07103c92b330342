// The update rules of backend.ts, on the dense tensors or on the coordinates inside the masks only.
#pragma once
#include <vector>

#include "parameter.h"
#include "prox.h"
#include "thread_pool.h"

namespace filigree {

// g is the gradient times `gradientScale`, v the dual, u the momentum; see `UpdateRule` in backend.ts.
struct UpdateRule {
  enum class Kind { sgd, adam, proxsgd, linbreg, adabreg };
  Kind kind;
  double learningRate;
  double momentum = 0, weightDecay = 0;
  bool nesterov = false, decoupled = false;
  double beta1 = 0, beta2 = 0, epsilon = 0;
  double delta = 1;
  Regularizer regularizer;
};

struct UpdateOptions {
  bool all;  // every coordinate moves; otherwise those inside the mask
  double gradientScale = 1;
  bool reselect = false;
};

class Updater {
 public:
  // `scratch` has one buffer per thread, each of at least the longest row's length.
  Updater(ThreadPool& pool, std::vector<Floats>& scratch) : pool_(pool), scratch_(scratch) {}

  void apply(Parameter&, const UpdateRule&, const UpdateOptions&);

 private:
  template <class Step>
  void run(Parameter&, const Step&, const Regularizer&, double proxStep, const UpdateOptions&);
  template <class Step>
  void runAll(Parameter&, const Step&, const Regularizer&, double proxStep, const UpdateOptions&);
  template <class Step>
  void runSupport(Parameter&, const Step&, const Regularizer&, double proxStep);
  void prepareCorrections(Parameter&, double beta1, double beta2);

  ThreadPool& pool_;
  std::vector<Floats>& scratch_;

  // Adam's bias corrections 1/(1 - β1^t) and 1/√(1 - β2^t), by t.
  struct {
    double beta1 = -1, beta2 = -1;
    std::vector<float> first, second;
  } corrections_;
};

}  // namespace filigree

#include "update_rules.h"

#include <algorithm>
#include <atomic>
#include <cmath>

namespace filigree {

namespace {

// Weights that make up one work item.
constexpr int kItemWeights = 8192;

// A row of the tensor as a step sees it: entry k has the tensor's coordinate index(k).
struct DenseRow {
  size_t base;
  int count;
  const float* gradients;
  size_t index(int k) const { return base + k; }
  int column(int k) const { return k; }
  float gradient(int k) const { return gradients[base + k]; }
};

// The entries of a row inside the mask; their gradients stand in the same order or in a dense tensor.
template <bool Compact>
struct SparseRow {
  size_t base;
  int count;
  const int32_t* tap;
  const float* gradients;
  size_t index(int k) const { return base + tap[k]; }
  int column(int k) const { return tap[k]; }
  float gradient(int k) const { return Compact ? gradients[k] : gradients[base + tap[k]]; }
};

// Each step finds a row's values θ in z, moves the state of its entries and leaves the points whose prox are the new
// values. Members are copied to locals so that compilers know that no store changes them.

struct SgdStep {
  float rate, momentum, weightDecay, scale;
  bool nesterov;
  float* u;  // null without momentum

  template <class Row>
  void operator()(const Row& row, float* z) const {
    const float mu = momentum;
    float* const u = this->u;
    if (!u) return move(row, z, [](size_t, float g) { return g; });
    if (!nesterov) return move(row, z, [=](size_t i, float g) { return u[i] = mu * u[i] + g; });
    move(row, z, [=](size_t i, float g) {
      u[i] = mu * u[i] + g;
      return g + mu * u[i];
    });
  }

  template <class Row, class Direction>
  void move(const Row row, float* z, const Direction direction) const {
    const float tau = rate, decay = weightDecay, c = scale;
    for (int k = 0; k < row.count; ++k) z[k] -= tau * direction(row.index(k), c * row.gradient(k) + decay * z[k]);
  }
};

struct LinBregStep {
  float rate, delta, momentum, share, scale;  // share = 1 - momentum
  float* v;
  float* u;  // null without momentum

  template <class Row>
  void operator()(const Row& row, float* z) const {
    const float beta = momentum, rest = share, tau = rate * scale;
    float* const u = this->u;
    if (!u) return move(row, z, [=](size_t, float g) { return tau * g; });
    move(row, z, [=](size_t i, float g) { return u[i] = beta * u[i] + rest * (tau * g); });
  }

  template <class Row, class Direction>
  void move(const Row row, float* z, const Direction direction) const {
    const float d = delta;
    float* const v = this->v;
    for (int k = 0; k < row.count; ++k) {
      const size_t i = row.index(k);
      v[i] -= direction(i, row.gradient(k));
      z[k] = d * v[i];
    }
  }
};

// Adam's direction m̂ / (√ŝ + ε), with a count t per coordinate.
struct AdamDirection {
  float beta1, rest1, beta2, rest2, epsilon;  // rest = 1 - beta, which single precision would spoil
  float *m, *s, *updates;
  const float *first, *second;  // bias corrections by t, up to `last`, from where on they are 1
  int last;

  // Calls move(k, i, direction) for every entry, after asking gradient(k) for its g.
  template <class Row, class Gradient, class Move>
  void operator()(const Row row, const Gradient gradient, const Move move) const {
    if (row.count == 0) return;
    float* const t = updates;
    // Nearly always a row's coordinates have been updated equally often; then the loop needs no table look-ups.
    const float t0 = t[row.index(0)];
    bool equal = true;
    for (int k = 0; k < row.count; ++k) {
      const size_t i = row.index(k);
      equal &= t[i] == t0;
      t[i] += 1;
    }
    if (equal) {
      const int t1 = std::min(int(t0) + 1, last);
      const float c1 = first[t1], c2 = second[t1];
      each(row, gradient, move, [=](size_t) { return c1; }, [=](size_t) { return c2; });
    } else {
      const auto at = [t, last = last](const float* table) {
        return [=](size_t i) { return table[std::min(int(t[i]), last)]; };
      };
      each(row, gradient, move, at(first), at(second));
    }
  }

 private:
  template <class Row, class Gradient, class Move, class First, class Second>
  void each(const Row row, const Gradient gradient, const Move move, const First c1, const Second c2) const {
    const float b1 = beta1, r1 = rest1, b2 = beta2, r2 = rest2, e = epsilon;
    float *const m = this->m, *const s = this->s;
    for (int k = 0; k < row.count; ++k) {
      const size_t i = row.index(k);
      const float g = gradient(k);
      m[i] = b1 * m[i] + r1 * g;
      s[i] = b2 * s[i] + r2 * (g * g);
      move(k, i, m[i] * c1(i) / (std::sqrt(s[i]) * c2(i) + e));
    }
  }
};

struct AdamStep {
  AdamDirection direction;
  float rate, coupledDecay, shrink, scale;

  template <class Row>
  void operator()(const Row& row, float* z) const {
    const float tau = rate, decay = coupledDecay, keep = shrink, c = scale;
    direction(row, [=](int k) { return c * row.gradient(k) + decay * z[k]; },
              [=](int k, size_t, float d) { z[k] = keep * z[k] - tau * d; });
  }
};

struct AdaBregStep {
  AdamDirection direction;
  float rate, delta, scale;
  float* v;

  template <class Row>
  void operator()(const Row& row, float* z) const {
    const float tau = rate, d = delta, c = scale;
    float* const v = this->v;
    direction(row, [=](int k) { return c * row.gradient(k); },
              [=](int k, size_t i, float step) {
                v[i] -= tau * step;
                z[k] = d * v[i];
              });
  }
};

// The dual variable. Methods write it for sparse weights; everywhere else J = 0 and it is θ/δ at any time.
float* dualOf(Parameter& parameter, double delta) {
  float* v = parameter.slot(Slot::dual);
  if (!parameter.sparse()) {
    for (size_t i = 0; i < parameter.size(); ++i) v[i] = float(parameter.value()[i] / delta);
  }
  return v;
}

int rowsPerItem(const WeightShape& shape) { return 1 + kItemWeights / std::max(1, shape.taps()); }

}  // namespace

void Updater::apply(Parameter& p, const UpdateRule& rule, const UpdateOptions& options) {
  const float scale = float(options.gradientScale), rate = float(rule.learningRate);
  const auto momentum = [&] { return rule.momentum > 0 ? p.slot(Slot::momentum) : nullptr; };
  const auto direction = [&] {
    prepareCorrections(p, rule.beta1, rule.beta2);
    return AdamDirection{float(rule.beta1),          float(1 - rule.beta1),      float(rule.beta2),
                         float(1 - rule.beta2),      float(rule.epsilon),        p.slot(Slot::moment1),
                         p.slot(Slot::moment2),      p.slot(Slot::updates),      corrections_.first.data(),
                         corrections_.second.data(), int(corrections_.first.size()) - 1};
  };
  const Regularizer none;
  const Regularizer& j = p.sparse() ? rule.regularizer : none;
  switch (rule.kind) {
    case UpdateRule::Kind::sgd: {
      const SgdStep step{rate, float(rule.momentum), float(rule.weightDecay), scale, rule.nesterov, momentum()};
      return run(p, step, none, 1, options);
    }
    case UpdateRule::Kind::adam: {
      const float decay = float(rule.weightDecay), shrink = float(1 - rule.learningRate * rule.weightDecay);
      const AdamStep step{direction(), rate, rule.decoupled ? 0.0f : decay, rule.decoupled ? shrink : 1.0f, scale};
      return run(p, step, none, 1, options);
    }
    case UpdateRule::Kind::proxsgd:
      return run(p, SgdStep{rate, 0, 0, scale, false, nullptr}, j, rule.learningRate, options);
    case UpdateRule::Kind::linbreg: {
      const LinBregStep step{rate,  float(rule.delta),     float(rule.momentum), float(1 - rule.momentum),
                             scale, dualOf(p, rule.delta), momentum()};
      return run(p, step, j, rule.delta, options);
    }
    case UpdateRule::Kind::adabreg: {
      const AdaBregStep step{direction(), rate, float(rule.delta), scale, dualOf(p, rule.delta)};
      return run(p, step, j, rule.delta, options);
    }
  }
}

template <class Step>
void Updater::run(Parameter& p, const Step& step, const Regularizer& j, double proxStep, const UpdateOptions& options) {
  if (options.all || p.full()) runAll(p, step, j, proxStep, options);
  else runSupport(p, step, j, proxStep);
  if (!options.all && options.reselect && p.sparse()) p.reselect();
}

// Every coordinate: one pass over the dense tensors, mask included.
template <class Step>
void Updater::runAll(Parameter& p, const Step& step, const Regularizer& j, double proxStep,
                     const UpdateOptions& options) {
  p.settleGradient();
  const WeightShape& shape = p.shape();
  const int taps = shape.taps(), perItem = rowsPerItem(shape);
  const bool reselect = options.all && options.reselect && p.sparse();
  const bool masked = !reselect && !p.full();
  const float* gradient = p.gradient();
  float* value = p.value();
  uint8_t* mask = p.mask();
  std::atomic<int> active{0}, flipped{0};
  pool_.run((shape.rows + perItem - 1) / perItem, [&](int item, int) {
    const int last = std::min((item + 1) * perItem, shape.rows);
    int inside = 0, changes = 0;
    for (int r = item * perItem; r < last; ++r) {
      const DenseRow row{size_t(r) * taps, taps, gradient};
      float* z = value + row.base;
      uint8_t* m = mask + row.base;
      step(row, z);
      prox(j, float(proxStep), z, taps, taps, p.kernelGroup(), [](int k) { return k; });
      if (masked) {
        for (int k = 0; k < taps; ++k) z[k] = m[k] ? z[k] : 0.0f;
      } else if (reselect) {
        for (int k = 0; k < taps; ++k) {
          const uint8_t now = z[k] != 0.0f;
          inside += now;
          changes += now != m[k];
          m[k] = now;
        }
      }
    }
    active += inside;
    flipped += changes;
  });
  p.valuesChanged();
  if (flipped > 0) p.maskChanged(active);
}

// Only the coordinates inside the mask, through the sparse index: work and memory traffic of the non-zeros.
template <class Step>
void Updater::runSupport(Parameter& p, const Step& step, const Regularizer& j, double proxStep) {
  SparseIndex& index = p.index(pool_);
  const WeightShape& shape = p.shape();
  const int taps = shape.taps();
  const int perItem = 1 + int(kItemWeights / std::max(1.0, double(taps) * p.density()));
  float* value = p.value();
  pool_.run((shape.rows + perItem - 1) / perItem, [&](int item, int thread) {
    float* z = scratch_[thread].data();
    const auto update = [&](const auto& row, int start) {
      for (int k = 0; k < row.count; ++k) z[k] = value[row.index(k)];
      step(row, z);
      prox(j, float(proxStep), z, row.count, taps, p.kernelGroup(), [&](int k) { return row.column(k); });
      for (int k = 0; k < row.count; ++k) {
        value[row.index(k)] = z[k];
        index.set(start + k, z[k]);
      }
    };
    const int last = std::min((item + 1) * perItem, shape.rows);
    for (int r = item * perItem; r < last; ++r) {
      const int start = index.rowStart()[r], count = index.rowStart()[r + 1] - start;
      const size_t base = size_t(r) * taps;
      const int32_t* tap = index.tap() + start;
      if (p.gradientCompact()) update(SparseRow<true>{base, count, tap, p.compactGradient() + start}, start);
      else update(SparseRow<false>{base, count, tap, p.gradient()}, start);
    }
  });
}

// Tables up to the largest t that this update can meet; they grow by doubling, so that steps do not allocate, and end
// where the corrections have become 1.
void Updater::prepareCorrections(Parameter& p, double beta1, double beta2) {
  auto& [b1, b2, first, second] = corrections_;
  if (b1 != beta1 || b2 != beta2) {
    b1 = beta1;
    b2 = beta2;
    first.assign(1, 0.0f);
    second.assign(1, 0.0f);
  }
  p.countUpdate();
  if (size_t(p.mostUpdates()) < first.size()) return;
  const auto complete = [&] { return first.back() == 1.0f && second.back() == 1.0f; };
  const size_t wanted = 2 * (size_t(p.mostUpdates()) + 1);
  while (first.size() < wanted && !complete()) {
    const double t = double(first.size());
    first.push_back(float(1 / (1 - std::pow(beta1, t))));
    second.push_back(float(1 / std::sqrt(1 - std::pow(beta2, t))));
  }
}

}  // namespace filigree

// Checks and times the compute kernels without Node. From the repository root:
//
//   K=main/backends/native/src/kernels
//   F="-O3 -std=c++17 -fno-exceptions -fno-math-errno -ffp-contract=off -I $K -c"
//   g++ $F -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma $K/avx512.cc && g++ $F -mavx2 -mfma $K/avx2.cc &&
//   g++ $F $K/neon.cc $K/portable.cc $K/dispatch.cc test/bench/native/kernels.cc &&
//   g++ -pthread -o kernels avx512.o avx2.o neon.o portable.o dispatch.o kernels.o && ./kernels
//
// `kernels check` compares every instruction set of this machine with a plain double-precision loop on many shapes,
// and bit for bit dense with sparse, two threads with one, and one instruction set with another; `kernels time [part
// of a layer's name]` times layers on two threads. Neither: both.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "kernels.h"

using namespace filigree;

namespace {

struct Free {
  void operator()(float* p) const { std::free(p); }
};

// 64-byte aligned floats followed by a guard that a kernel must not touch.
class Buffer {
 public:
  explicit Buffer(size_t size = 0) : size_(size) {
    const size_t bytes = (size * sizeof(float) + 63) / 64 * 64 + 64;
    data_.reset(static_cast<float*>(std::aligned_alloc(64, bytes)));
    std::memset(data_.get(), 0xff, bytes);  // NaN
  }
  float* data() const { return data_.get(); }
  size_t size() const { return size_; }
  float& operator[](size_t i) const { return data_.get()[i]; }
  bool intact() const {
    uint32_t guard;
    std::memcpy(&guard, data_.get() + size_, sizeof guard);
    return guard == 0xffffffffu;
  }

 private:
  size_t size_;
  std::unique_ptr<float, Free> data_;
};

std::mt19937 generator(7);

Buffer randomBuffer(size_t size) {
  Buffer buffer(size);
  std::uniform_real_distribution<float> uniform(-1, 1);
  for (size_t i = 0; i < size; ++i) buffer[i] = uniform(generator);
  return buffer;
}

// A layer with masked weights in the three forms that kernels take.
struct Layer {
  ConvShape shape;
  Buffer weights, bias;
  std::vector<int32_t> rowStart, rowTap, columnStart, columnTap;
  std::vector<float> rowValue, columnValue;

  Layer(const ConvShape& s, double density)
      : shape(s), weights(size_t(s.outChannels) * s.taps()), bias(randomBuffer(s.outChannels)) {
    const int area = s.kernelHeight * s.kernelWidth;
    std::uniform_real_distribution<float> uniform(0, 1);
    rowStart.push_back(0);
    for (int o = 0; o < s.outChannels; ++o) {
      for (int tap = 0; tap < s.taps(); ++tap) {
        float& w = weights[size_t(o) * s.taps() + tap];
        w = 0;
        if (uniform(generator) >= density) continue;
        w = uniform(generator) - 0.5f;
        rowTap.push_back(tap);
        rowValue.push_back(w);
      }
      rowStart.push_back(int32_t(rowTap.size()));
    }
    columnStart.push_back(0);
    for (int i = 0; i < s.inChannels; ++i) {
      for (int o = 0; o < s.outChannels; ++o)
        for (int k = 0; k < area; ++k) {
          const float w = weights[size_t(o) * s.taps() + i * area + k];
          if (w == 0) continue;
          columnTap.push_back(o * area + k);
          columnValue.push_back(w);
        }
      columnStart.push_back(int32_t(columnTap.size()));
    }
  }
  SparseRows rows() const { return {rowStart.data(), rowTap.data(), rowValue.data()}; }
  SparseColumns columns() const { return {columnStart.data(), columnTap.data(), columnValue.data()}; }
};

using Run = std::function<void(int item, float* scratch)>;

// A second thread that waits between operations, as the workers of the native backend do.
class Pair {
 public:
  Pair() : worker_([this] { work(); }) {}
  ~Pair() {
    stop_ = true;
    worker_.join();
  }
  void run(int items, const Run& body, float* scratch[2]) {
    body_ = &body;
    items_ = items;
    scratch_ = scratch[1];
    next_ = 0;
    done_ = false;
    start_.store(true, std::memory_order_release);
    drain(scratch[0]);
    while (!done_.load(std::memory_order_acquire)) {
    }
  }

 private:
  void drain(float* scratch) {
    for (int item; (item = next_.fetch_add(1)) < items_;) (*body_)(item, scratch);
  }
  void work() {
    while (!stop_) {
      if (!start_.exchange(false, std::memory_order_acquire)) continue;
      drain(scratch_);
      done_.store(true, std::memory_order_release);
    }
  }
  const Run* body_ = nullptr;
  int items_ = 0;
  float* scratch_ = nullptr;
  std::atomic<int> next_{0};
  std::atomic<bool> start_{false}, done_{false}, stop_{false};
  std::thread worker_;
};

// ---- correctness -------------------------------------------------------------------------------------------------

int failures = 0;

void expect(bool ok, const ConvShape& s, const char* isa, const char* what) {
  if (ok) return;
  ++failures;
  std::printf("FAILED %s %s: %dx%dx%d -> %dx%dx%d, kernel %dx%d, stride %d, padding %d, lanes %d\n", isa, what,
              s.inChannels, s.inHeight, s.inWidth, s.outChannels, s.outHeight, s.outWidth, s.kernelHeight,
              s.kernelWidth, s.stride, s.padding, s.lanes);
}

bool near(const Buffer& got, const std::vector<double>& wanted, double magnitude) {
  for (size_t i = 0; i < wanted.size(); ++i)
    if (!(std::abs(got[i] - wanted[i]) <= 2e-6 * magnitude)) return false;
  return true;
}

bool same(const Buffer& a, const Buffer& b) { return !std::memcmp(a.data(), b.data(), a.size() * sizeof(float)); }

// Runs the dense kernel's items on two threads as they come, and the sparse kernel's backwards on one, each with
// scratch full of NaN: that both give the same bits shows that neither the order nor the split nor the scratch
// matters.
void runItems(Pair& threads, const KernelSet& kernels, const ConvShape& s, int items, const char* what,
              const Run& dense, const Run& sparse) {
  const Buffer first(kernels.scratchFloats(s)), second(kernels.scratchFloats(s));
  float* scratch[2] = {first.data(), second.data()};
  threads.run(items, dense, scratch);
  expect(first.intact() && second.intact(), s, kernels.isa, what);
  for (int item = items - 1; item >= 0; --item) {
    const Buffer fresh(kernels.scratchFloats(s));
    sparse(item, fresh.data());
    expect(fresh.intact(), s, kernels.isa, what);
  }
}

// FNV-1a over the bits of results.
struct Digest {
  uint64_t value = 14695981039346656037ull;
  void add(const Buffer& b) {
    for (size_t i = 0; i < b.size(); ++i) {
      uint32_t bits;
      std::memcpy(&bits, b.data() + i, sizeof bits);
      value = (value ^ bits) * 1099511628211ull;
    }
  }
};

void check(Pair& threads, const KernelSet& kernels, const Layer& layer, Digest& digest) {
  const ConvShape& s = layer.shape;
  const Buffer x = randomBuffer(s.inPlane() * s.inChannels), dy = randomBuffer(s.outPlane() * s.outChannels);
  const size_t weightCount = layer.weights.size();
  std::vector<double> y(dy.size()), dx(x.size()), dw(weightCount), db(s.outChannels);
  for (size_t i = 0; i < y.size(); ++i) y[i] = layer.bias[i / s.outPlane()];
  for (int o = 0; o < s.outChannels; ++o)
    for (int tap = 0; tap < s.taps(); ++tap) {
      const int kx = tap % s.kernelWidth, ky = tap / s.kernelWidth % s.kernelHeight,
                i = tap / (s.kernelWidth * s.kernelHeight);
      const double w = layer.weights[size_t(o) * s.taps() + tap];
      for (int r = 0; r < s.outHeight; ++r)
        for (int c = 0; c < s.outWidth; ++c) {
          const int row = r * s.stride + ky - s.padding, column = c * s.stride + kx - s.padding;
          if (row < 0 || row >= s.inHeight || column < 0 || column >= s.inWidth) continue;
          const size_t from = ((size_t(i) * s.inHeight + row) * s.inWidth + column) * s.lanes;
          const size_t to = ((size_t(o) * s.outHeight + r) * s.outWidth + c) * s.lanes;
          for (int l = 0; l < s.lanes; ++l) {
            y[to + l] += w * x[from + l];
            dx[from + l] += w * dy[to + l];
            dw[size_t(o) * s.taps() + tap] += double(x[from + l]) * dy[to + l];
          }
        }
    }
  for (size_t i = 0; i < dy.size(); ++i) db[i / s.outPlane()] += dy[i];
  const double positions = double(s.outPlane());

  Buffer dense(y.size()), sparse(y.size());
  runItems(
      threads, kernels, s, kernels.forwardItems(s), "forward",
      [&](int item, float* scratch) {
        kernels.denseForward(s, layer.weights.data(), layer.bias.data(), x.data(), dense.data(), item, scratch);
      },
      [&](int item, float* scratch) {
        kernels.sparseForward(s, layer.rows(), layer.bias.data(), x.data(), sparse.data(), item, scratch);
      });
  expect(near(dense, y, 1 + s.taps()), s, kernels.isa, "dense forward");
  expect(same(dense, sparse), s, kernels.isa, "sparse forward");
  runItems(
      threads, kernels, s, kernels.forwardItems(s), "forward without bias",
      [&](int item, float* scratch) {
        kernels.denseForward(s, layer.weights.data(), nullptr, x.data(), dense.data(), item, scratch);
      },
      [&](int item, float* scratch) {
        kernels.sparseForward(s, layer.rows(), nullptr, x.data(), sparse.data(), item, scratch);
      });
  for (size_t i = 0; i < y.size(); ++i) y[i] -= layer.bias[i / s.outPlane()];
  expect(near(dense, y, 1 + s.taps()), s, kernels.isa, "dense forward without bias");
  expect(same(dense, sparse), s, kernels.isa, "sparse forward without bias");

  for (const bool accumulate : {false, true}) {
    Buffer denseDx(dx.size()), sparseDx(dx.size()), denseDw(weightCount), rowDw(layer.rowTap.size()),
        denseDb(s.outChannels);
    std::vector<double> wantedDx = dx, wantedDw = dw, wantedDb = db;
    if (accumulate) {
      for (size_t i = 0; i < dx.size(); ++i) wantedDx[i] += denseDx[i] = sparseDx[i] = float(i % 7) - 3;
      for (size_t i = 0; i < weightCount; ++i) wantedDw[i] += denseDw[i] = float(i % 5) - 2;
      for (int o = 0; o < s.outChannels; ++o) wantedDb[o] += denseDb[o] = float(o % 3);
    }
    std::vector<size_t> flat;  // of the non-zeros
    for (int o = 0; o < s.outChannels; ++o)
      for (int n = layer.rowStart[o]; n < layer.rowStart[o + 1]; ++n)
        flat.push_back(size_t(o) * s.taps() + layer.rowTap[n]);
    if (accumulate)
      for (size_t n = 0; n < flat.size(); ++n) rowDw[n] = denseDw[flat[n]];

    runItems(
        threads, kernels, s, kernels.inputGradientItems(s), "input gradient",
        [&](int item, float* scratch) {
          kernels.denseInputGradient(s, layer.weights.data(), dy.data(), denseDx.data(), accumulate, item, scratch);
        },
        [&](int item, float* scratch) {
          kernels.sparseInputGradient(s, layer.columns(), dy.data(), sparseDx.data(), accumulate, item, scratch);
        });
    expect(near(denseDx, wantedDx, 4 + double(s.outChannels) * s.kernelHeight * s.kernelWidth), s, kernels.isa,
           "dense input gradient");
    expect(same(denseDx, sparseDx), s, kernels.isa, "sparse input gradient");

    runItems(
        threads, kernels, s, kernels.weightGradientItems(s), "weight gradient",
        [&](int item, float* scratch) {
          kernels.denseWeightGradient(s, x.data(), dy.data(), denseDw.data(), accumulate, item, scratch);
        },
        [&](int item, float* scratch) {
          kernels.sparseWeightGradient(s, layer.rowStart.data(), layer.rowTap.data(), x.data(), dy.data(),
                                       rowDw.data(), accumulate, item, scratch);
        });
    expect(near(denseDw, wantedDw, 4 + positions), s, kernels.isa, "dense weight gradient");
    bool equal = true;
    for (size_t n = 0; n < flat.size(); ++n)
      equal = equal && !std::memcmp(&rowDw[n], &denseDw[flat[n]], sizeof(float));
    expect(equal, s, kernels.isa, "sparse weight gradient");

    kernels.biasGradient(s, dy.data(), denseDb.data(), accumulate, 0, s.outChannels);
    expect(near(denseDb, wantedDb, 4 + positions), s, kernels.isa, "bias gradient");
    for (const Buffer* b : {&dense, &denseDx, &denseDw, &denseDb}) digest.add(*b);
    for (const Buffer* b : {&denseDx, &sparseDx, &denseDw, &rowDw, &denseDb})
      expect(b->intact(), s, kernels.isa, "bounds");
  }
}

ConvShape convolution(int in, int height, int width, int out, int kernelHeight, int kernelWidth, int stride,
                      int padding, int lanes) {
  return {in,
          height,
          width,
          out,
          (height + 2 * padding - kernelHeight) / stride + 1,
          (width + 2 * padding - kernelWidth) / stride + 1,
          kernelHeight,
          kernelWidth,
          stride,
          padding,
          lanes};
}

ConvShape linear(int in, int out, int lanes) { return convolution(in, 1, 1, out, 1, 1, 1, 0, lanes); }

int checkAll() {
  const auto pick = [](int low, int high) { return std::uniform_int_distribution<int>(low, high)(generator); };
  std::vector<ConvShape> shapes = {linear(784, 10, 128),
                                   linear(5, 1, 16),
                                   linear(33, 40, 64),
                                   linear(1, 7, 48),
                                   linear(70, 100, 32),
                                   linear(600, 40, 80),
                                   convolution(16, 32, 32, 16, 3, 3, 1, 1, 16),
                                   convolution(3, 9, 9, 5, 3, 3, 2, 1, 16),
                                   convolution(2, 5, 6, 3, 3, 5, 1, 4, 32),
                                   convolution(8, 8, 8, 20, 1, 1, 1, 0, 64),
                                   convolution(8, 7, 9, 5, 1, 1, 2, 0, 32),
                                   convolution(1, 28, 28, 6, 5, 5, 1, 2, 64),
                                   convolution(140, 4, 4, 130, 3, 3, 1, 1, 16),
                                   convolution(2, 3, 3, 2, 3, 3, 3, 2, 16)};
  while (shapes.size() < 90) {
    const int kh = pick(1, 5), kw = pick(1, 5), padding = pick(0, 4), stride = pick(1, 3);
    const int height = pick(std::max(1, kh - 2 * padding), 13), width = pick(std::max(1, kw - 2 * padding), 19);
    const int in = pick(1, 40), out = pick(1, 40), lanes = 16 * pick(1, 5);
    shapes.push_back(convolution(in, height, width, out, kh, kw, stride, padding, lanes));
  }
  Pair threads;
  uint64_t fused = 0;  // the digest of the sets with hardware fused multiply-adds, which agree
  for (const char* name : {"avx512", "avx2", "neon", "portable"}) {
    const KernelSet* kernels = kernelsByName(name);
    if (!kernels) {
      std::printf("%-8s not on this machine\n", name);
      continue;
    }
    const int before = failures;
    Digest digest;
    generator.seed(1);
    for (size_t i = 0; i < shapes.size(); ++i)
      check(threads, *kernels, Layer(shapes[i], i % 3 == 0 ? 0.02 : i % 3 == 1 ? 0.2 : 1.0), digest);
    if (std::strcmp(name, "portable")) {
      if (fused && fused != digest.value) {
        ++failures;
        std::printf("FAILED %s: other bits than the set before\n", name);
      }
      fused = digest.value;
    }
    std::printf("%-8s %zu shapes: %d failures, digest %016llx\n", name, shapes.size(), failures - before,
                static_cast<unsigned long long>(digest.value));
    std::fflush(stdout);
  }
  return failures;
}

// ---- time --------------------------------------------------------------------------------------------------------

double milliseconds(Pair& threads, int items, const Run& body, size_t scratchFloats) {
  const Buffer a(scratchFloats), b(scratchFloats);
  float* scratch[2] = {a.data(), b.data()};
  std::vector<double> times;
  double spent = 0;
  for (int round = 0; round < 400 && (round < 7 || spent < 300); ++round) {
    const auto begin = std::chrono::steady_clock::now();
    threads.run(items, body, scratch);
    const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    spent += ms;
    if (round > 0) times.push_back(ms);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

void timeLayer(Pair& threads, const KernelSet& k, const std::string& name, const ConvShape& s, double density) {
  const Layer layer(s, density);
  const Buffer x = randomBuffer(s.inPlane() * s.inChannels), dy = randomBuffer(s.outPlane() * s.outChannels);
  const Buffer y(dy.size()), dx(x.size()), dw(layer.weights.size());
  const size_t scratch = k.scratchFloats(s);
  const bool dense = density == 1;
  const double forward = milliseconds(
      threads, k.forwardItems(s),
      [&](int item, float* scratch) {
        if (dense) k.denseForward(s, layer.weights.data(), layer.bias.data(), x.data(), y.data(), item, scratch);
        else k.sparseForward(s, layer.rows(), layer.bias.data(), x.data(), y.data(), item, scratch);
      },
      scratch);
  const double input = milliseconds(
      threads, k.inputGradientItems(s),
      [&](int item, float* scratch) {
        if (dense) k.denseInputGradient(s, layer.weights.data(), dy.data(), dx.data(), false, item, scratch);
        else k.sparseInputGradient(s, layer.columns(), dy.data(), dx.data(), false, item, scratch);
      },
      scratch);
  const double weight = milliseconds(
      threads, k.weightGradientItems(s),
      [&](int item, float* scratch) {
        if (dense) k.denseWeightGradient(s, x.data(), dy.data(), dw.data(), false, item, scratch);
        else
          k.sparseWeightGradient(s, layer.rowStart.data(), layer.rowTap.data(), x.data(), dy.data(), dw.data(), false,
                                 item, scratch);
      },
      scratch);
  const double operations = 2e-6 * double(dense ? layer.weights.size() : layer.rowTap.size()) * double(s.outPlane());
  std::printf("%-24s %5.2f  %8.3f %8.3f %8.3f  %8.3f ms   %4.0f %4.0f %4.0f GFLOP/s\n", name.c_str(), density,
              forward, input, weight, forward + input + weight, operations / forward, operations / input,
              operations / weight);
  std::fflush(stdout);
}

void timeAll(const std::string& only) {
  const KernelSet& kernels = bestKernels();
  Pair threads;
  std::printf("%s, 2 threads\n%-24s %5s  %8s %8s %8s  %8s\n", kernels.isa, "layer", "dens.", "forward", "dx", "dW",
              "sum");
  const std::vector<std::pair<std::string, ConvShape>> layers = {
      {"linear 784-300 b128", linear(784, 300, 128)},
      {"linear 300-100 b128", linear(300, 100, 128)},
      {"linear 100-10 b128", linear(100, 10, 128)},
      {"linear 1024-1024 b128", linear(1024, 1024, 128)},
      {"linear 1024-4096 b128", linear(1024, 4096, 128)},
      {"conv 3-16 32x32 b64", convolution(3, 32, 32, 16, 3, 3, 1, 1, 64)},
      {"conv 16-16 32x32 b64", convolution(16, 32, 32, 16, 3, 3, 1, 1, 64)},
      {"conv 16-32 32x32 s2 b64", convolution(16, 32, 32, 32, 3, 3, 2, 1, 64)},
      {"conv 32-32 16x16 b64", convolution(32, 16, 16, 32, 3, 3, 1, 1, 64)},
      {"conv 32-64 16x16 s2 b64", convolution(32, 16, 16, 64, 3, 3, 2, 1, 64)},
      {"conv 64-64 8x8 b64", convolution(64, 8, 8, 64, 3, 3, 1, 1, 64)},
      {"conv 64-64 32x32 b64", convolution(64, 32, 32, 64, 3, 3, 1, 1, 64)},
      {"conv 256-256 8x8 b64", convolution(256, 8, 8, 256, 3, 3, 1, 1, 64)},
  };
  for (const auto& [name, shape] : layers)
    if (name.find(only) != std::string::npos)
      for (const double density : {1.0, 0.1, 0.05, 0.01}) timeLayer(threads, kernels, name, shape, density);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode != "time" && checkAll()) return 1;
  if (mode != "check") timeAll(argc > 2 ? argv[2] : "");
  return 0;
}

#include "input.h"

#include <algorithm>

namespace filigree {

namespace {

constexpr int kTile = 16;

// 16 samples x 16 features at a time, so that both sides are read and written in whole cache lines.
template <class Sample>
void loadTiles(const InputSpec& spec, const Sample* samples, int size, float* to, int lanes, int first, int last) {
  const size_t features = spec.features();
  float tile[kTile][kTile];
  for (int feature = first; feature < last; feature += kTile) {
    const int width = std::min(kTile, last - feature);
    for (int begin = 0; begin < lanes; begin += kTile) {
      const int present = std::clamp(size - begin, 0, kTile);
      const Sample* from = samples + begin * features + feature;
      if (present == kTile && width == kTile) {
        for (int n = 0; n < kTile; ++n) {
          for (int f = 0; f < kTile; ++f) tile[n][f] = float(from[n * features + f]);
        }
      } else {
        for (int n = 0; n < present; ++n) {
          for (int f = 0; f < width; ++f) tile[n][f] = float(from[n * features + f]);
        }
      }
      for (int f = 0; f < width; ++f) {
        const int channel = (feature + f) / spec.positions;
        const float scale = spec.scale[channel], shift = spec.shift[channel];
        float* row = to + size_t(feature + f) * lanes + begin;
        for (int n = 0; n < present; ++n) row[n] = tile[n][f] * scale + shift;
        for (int n = present; n < kTile; ++n) row[n] = 0.0f;
      }
    }
  }
}

}  // namespace

void loadInput(const InputSpec& spec, const Samples& samples, float* to, int lanes, ThreadPool& pool) {
  const int features = spec.features(), perItem = 8 * kTile;
  pool.run((features + perItem - 1) / perItem, [&](int item, int) {
    const int first = item * perItem, last = std::min(first + perItem, features);
    if (samples.bytes) loadTiles(spec, samples.bytes, samples.size, to, lanes, first, last);
    else loadTiles(spec, samples.floats, samples.size, to, lanes, first, last);
  });
}

}  // namespace filigree

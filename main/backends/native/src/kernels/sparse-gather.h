// The sparse forward pass and the sparse input gradient: every tile walks the non-zeros of one channel after another.
#pragma once
#include "gather.h"

namespace filigree {
namespace {

constexpr int kSparseVectors = 8;      // of a tile: enough sums to hide the latency of the multiply-adds
constexpr int kListEntries = 1 << 15;  // non-zeros whose offsets are prepared at a time, at least one channel's

// The non-zeros of a range of destination channels: those of the range's channel d are start[d] .. start[d + 1], with
// their source at at[n] * scale floats.
struct NonZeros {
  const int32_t* start;
  const int32_t* at;
  const float* value;
  int channels;
  size_t scale;
};

// One tile of every channel in turn, while its sources are in the cache. `Adjacent`: the sources of the tile's
// columns are contiguous, else `columnStep` apart.
template <int Columns, int Vectors, bool Adjacent>
FILIGREE_NOINLINE void sparseTile(const NonZeros& weights, const float* bias, const float* source, size_t columnStep,
                                  float* out, const Target& target) {
  const size_t step = Adjacent ? Vectors * kWidth : columnStep;
  const size_t scale = weights.scale;
  for (int d = 0; d < weights.channels; ++d) {
    Vec sum[Columns][Vectors];
    for (int c = 0; c < Columns; ++c)
      for (int v = 0; v < Vectors; ++v) sum[c][v] = bias ? broadcast(bias[d]) : zero();
    for (int n = weights.start[d], end = weights.start[d + 1]; n < end; ++n) {
      const float* from = source + size_t(weights.at[n]) * scale;
      const Vec w = broadcast(weights.value[n]);
      for (int c = 0; c < Columns; ++c)
        for (int v = 0; v < Vectors; ++v) sum[c][v] = fma(w, load(from + c * step + v * kWidth), sum[c][v]);
    }
    for (int c = 0; c < Columns; ++c)
      for (int v = 0; v < Vectors; ++v)
        target.put(out + d * target.plane + c * target.columnStep + v * kWidth, sum[c][v]);
  }
}

// The non-zeros by destination channel: CSR for the forward pass, CSC for the input gradient.
struct Lists {
  const int32_t* start;
  const int32_t* tap;
  const float* value;
};

// Scratch: the window, the offset of every tap in it, the list of non-zeros in use, and the start of every channel.
inline size_t sparseScratch(const Gather& g) {
  return Tiling(g).windowFloats(g, g.sourceChannels) + g.taps() + 2 * size_t(maximum(g.taps(), kListEntries)) +
         g.channels + 1;
}

inline void sparseGather(const Gather& g, const Lists& lists, const float* bias, const float* source, float* out,
                         bool accumulate, int index, float* scratch) {
  const Tiling tiling(g);
  const Item item(g, tiling, index);

  const auto walk = [&](const Phase& phase, const NonZeros& weights, int channelBegin, const float* base,
                        size_t rowStep, size_t columnStep) {
    const float* start = bias ? bias + channelBegin : nullptr;
    float* origin =
        out + (size_t(phase.y) * g.columns.size + phase.x) * g.lanes + item.lane + channelBegin * g.plane();
    const Target target{g.plane(), phase.columnStep, accumulate};
    forEachTile<kSparseVectors>(phase, tiling.slice, [&](auto columns, auto vectors, int r, int c, int lane) {
      constexpr int Columns = decltype(columns)::value, Vectors = decltype(vectors)::value;
      const float* from = base + r * rowStep + c * columnStep + lane;
      float* to = origin + r * phase.rowStep + c * phase.columnStep + lane;
      if (Columns == 1 || columnStep == Vectors * kWidth)
        sparseTile<Columns, Vectors, true>(weights, start, from, columnStep, to, target);
      else sparseTile<Columns, Vectors, false>(weights, start, from, columnStep, to, target);
    });
  };

  if (g.pointwise()) {
    const Phase phase{
        item.rowBegin,  0, item.rowEnd - item.rowBegin, g.columns.size, size_t(g.columns.size) * g.lanes,
        size_t(g.lanes)};
    const NonZeros weights{lists.start + item.channelBegin, lists.tap, lists.value,
                           item.channelEnd - item.channelBegin, g.sourcePlane()};
    walk(phase, weights, item.channelBegin, source + size_t(item.rowBegin) * phase.rowStep + item.lane, phase.rowStep,
         phase.columnStep);
    return;
  }

  float* window = scratch;
  int32_t* offset = reinterpret_cast<int32_t*>(window + tiling.windowFloats(g, g.sourceChannels));
  const int entries = maximum(g.taps(), kListEntries);
  int32_t* at = offset + g.taps();
  float* value = reinterpret_cast<float*>(at + entries);
  int32_t* start = reinterpret_cast<int32_t*>(value + entries);
  for (int column = 0; column < g.columns.size; column += tiling.blockColumns) {
    const int columnEnd = minimum(g.columns.size, column + tiling.blockColumns);
    const Window view(g, item, column, columnEnd, tiling.slice);
    view.copy(g, source, 0, g.sourceChannels, item.lane, window);
    forEachPhase(g, item, column, columnEnd, [&](const Phase& phase) {
      view.offsets(g, phase.y, phase.x, g.sourceChannels, offset);
      // As many channels at a time as the list has room for.
      for (int d = item.channelBegin; d < item.channelEnd;) {
        const int channelBegin = d;
        int count = 0;
        start[0] = 0;
        while (d < item.channelEnd && count + lists.start[d + 1] - lists.start[d] <= entries) {
          for (int n = lists.start[d]; n < lists.start[d + 1]; ++n) {
            at[count] = offset[lists.tap[n]];
            value[count] = lists.value[n];
            count += at[count] >= 0;
          }
          start[++d - channelBegin] = count;
        }
        walk(phase, {start, at, value, d - channelBegin, 1}, channelBegin, window,
             g.rows.sourceStep() * view.rowStep(), size_t(g.columns.sourceStep()) * view.slice);
      }
    });
  }
}

}  // namespace
}  // namespace filigree

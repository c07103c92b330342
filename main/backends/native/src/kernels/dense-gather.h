// The dense forward pass and the dense input gradient: register-blocked, with blocks of source channels small enough
// for the caches. Sums wait between the blocks in memory, which does not change their bits.
#pragma once
#include "gather.h"

namespace filigree {
namespace {

constexpr int kDenseVectors = kRegisters == 32 ? 4 : maximum(2, kParts);  // of a tile, per channel
constexpr int kDenseChannels = kDenseVectors * 6 <= kRegisters ? 6 : 2;   // of a tile
constexpr int kBlockTaps = 144;     // taps of a destination between visits to memory: 16 channels of a 3x3 kernel
constexpr int kPanelChannels = 96;  // destination channels whose sums wait at the same time

// A panel of channels is finished before the next is begun, one block of source channels after another.
struct Blocking {
  int sources, channels, taps;

  explicit Blocking(const Gather& g) {
    // A destination uses one kernel position in phases^2.
    sources = minimum(g.sourceChannels, maximum(1, kBlockTaps * g.rows.phases() * g.columns.phases() / g.area()));
    const int panels = divideUp(g.channels, kPanelChannels);
    channels = divideUp(divideUp(g.channels, panels), kDenseChannels) * kDenseChannels;
    taps = sources * g.area();
  }
  // A group of channels' weights when copied; the odd line keeps groups off each other's cache sets.
  size_t groupFloats() const { return size_t(taps) * kDenseChannels + kGroup; }
  size_t panelFloats() const { return channels / kDenseChannels * groupFloats(); }
};

struct Tap {
  int32_t source;  // offset in the window
  int32_t weight;  // offset in a channel's weights
};

// Where a tile's sums come from and go to: the bias or the sums so far; the output or, between blocks, `waiting`.
struct Stage {
  const float* bias;  // of the tile's first channel, or null
  float* waiting;
  bool first, last;
};

// `Channels` destination channels at once: `rows[d] + taps[n].weight` is where channel d keeps its weight of tap n.
// Not inlined, so that compilers keep all sums and pointers in registers.
template <int Channels, int Columns, int Vectors>
FILIGREE_NOINLINE void denseTile(const Tap* taps, int count, const float* const* rows, const float* source,
                                 size_t columnStep, const Stage& stage, float* out, const Target& target) {
  constexpr int kChannelFloats = Columns * Vectors * kWidth;
  Vec sum[Channels][Columns][Vectors];
  const float* row[Channels];
  for (int d = 0; d < Channels; ++d) {
    row[d] = rows[d];
    for (int c = 0; c < Columns; ++c)
      for (int v = 0; v < Vectors; ++v)
        sum[d][c][v] = !stage.first ? load(stage.waiting + d * kChannelFloats + (c * Vectors + v) * kWidth)
                       : stage.bias ? broadcast(stage.bias[d])
                                    : zero();
  }
  for (const Tap *tap = taps, *end = taps + count; tap != end; ++tap) {
    const float* from = source + tap->source;
    const ptrdiff_t at = tap->weight;
    Vec x[Columns][Vectors];
    for (int c = 0; c < Columns; ++c)
      for (int v = 0; v < Vectors; ++v) x[c][v] = load(from + c * columnStep + v * kWidth);
    for (int d = 0; d < Channels; ++d) {
      const Vec w = broadcast(row[d][at]);
      for (int c = 0; c < Columns; ++c)
        for (int v = 0; v < Vectors; ++v) sum[d][c][v] = fma(w, x[c][v], sum[d][c][v]);
    }
  }
  for (int d = 0; d < Channels; ++d)
    for (int c = 0; c < Columns; ++c)
      for (int v = 0; v < Vectors; ++v) {
        if (stage.last) target.put(out + d * target.plane + c * target.columnStep + v * kWidth, sum[d][c][v]);
        else store(stage.waiting + d * kChannelFloats + (c * Vectors + v) * kWidth, sum[d][c][v]);
      }
}

// Copies the weights between `sources` source channels and `Channels` destination channels as [tap][channel].
template <int Channels>
FILIGREE_INLINE void copyGroup(const Gather& g, const float* from, int sources, float* to) {
  for (int s = 0; s < sources; ++s, from += g.weightSourceStep)
    for (int k = 0; k < g.area(); ++k, to += kDenseChannels)
      for (int d = 0; d < Channels; ++d) to[d] = from[d * g.weightStep + k];
}

inline size_t denseScratch(const Gather& g) {
  const Tiling tiling(g);
  const Blocking blocking(g);
  const size_t waiting = size_t(blocking.channels) * tiling.bandRows * tiling.blockColumns * tiling.slice;
  return tiling.windowFloats(g, blocking.sources) + waiting + 3 * size_t(blocking.taps) + blocking.panelFloats();
}

inline void denseGather(const Gather& g, const float* weights, const float* bias, const float* source, float* out,
                        bool accumulate, int index, float* scratch) {
  const Tiling tiling(g);
  const Blocking blocking(g);
  const Item item(g, tiling, index);
  float* window = scratch;
  float* sums = window + tiling.windowFloats(g, blocking.sources);
  int32_t* offset = reinterpret_cast<int32_t*>(sums + size_t(blocking.channels) * tiling.bandRows *
                                                          tiling.blockColumns * tiling.slice);
  Tap* taps = reinterpret_cast<Tap*>(offset + blocking.taps);
  float* panel = reinterpret_cast<float*>(taps + blocking.taps);
  // Weights are read where they are, except that the input gradient of a linear layer would read one or a few floats
  // per row of the matrix, a page apart in large layers: it copies them first.
  const bool copied = g.rows.transposed && g.area() == 1;

  // One block of source channels [s, s + sources) for channels [channelBegin, channelEnd) and one block of columns.
  const auto block = [&](int channelBegin, int channelEnd, int column, int s) {
    const int sources = minimum(blocking.sources, g.sourceChannels - s);
    const int columnEnd = minimum(g.columns.size, column + tiling.blockColumns);
    const Window view(g, item, column, columnEnd, tiling.slice);
    view.copy(g, source, s, s + sources, item.lane, window);
    const float* origin = weights + s * g.weightSourceStep + channelBegin * g.weightStep;
    if (copied)
      for (int d = 0; d < channelEnd - channelBegin; d += kDenseChannels)
        withConstant<kDenseChannels>(minimum(kDenseChannels, channelEnd - channelBegin - d), [&](auto channels) {
          copyGroup<decltype(channels)::value>(g, origin + d * g.weightStep, sources,
                                               panel + d / kDenseChannels * blocking.groupFloats());
        });

    float* waiting = sums;
    forEachPhase(g, item, column, columnEnd, [&](const Phase& phase) {
      view.offsets(g, phase.y, phase.x, sources, offset);
      int count = 0;
      for (int channel = 0, tap = 0; channel < sources; ++channel)
        for (int k = 0; k < g.area(); ++k, ++tap)
          if (offset[tap] >= 0)
            taps[count++] = {offset[tap], copied ? tap * kDenseChannels : int32_t(channel * g.weightSourceStep) + k};
      const size_t rowStep = g.rows.sourceStep() * view.rowStep();
      const size_t columnStep = size_t(g.columns.sourceStep()) * view.slice;
      const Target target{g.plane(), phase.columnStep, accumulate};
      for (int d = 0; d < channelEnd - channelBegin; d += kDenseChannels)
        withConstant<kDenseChannels>(minimum(kDenseChannels, channelEnd - channelBegin - d), [&](auto channels) {
          constexpr int Channels = decltype(channels)::value;
          const float* rows[Channels];
          for (int i = 0; i < Channels; ++i)
            rows[i] =
                copied ? panel + d / kDenseChannels * blocking.groupFloats() + i : origin + (d + i) * g.weightStep;
          const float* start = bias ? bias + channelBegin + d : nullptr;
          float* first = out + (channelBegin + d) * g.plane() +
                         (size_t(phase.y) * g.columns.size + phase.x) * g.lanes + item.lane;
          forEachTile<kDenseVectors>(phase, view.slice, [&](auto columns, auto vectors, int r, int c, int lane) {
            constexpr int Columns = decltype(columns)::value, Vectors = decltype(vectors)::value;
            denseTile<Channels, Columns, Vectors>(taps, count, rows, window + r * rowStep + c * columnStep + lane,
                                                  columnStep,
                                                  {start, waiting, s == 0, s + sources == g.sourceChannels},
                                                  first + r * phase.rowStep + c * phase.columnStep + lane, target);
            waiting += Channels * Columns * Vectors * kWidth;
          });
        });
    });
  };

  for (int d = item.channelBegin; d < item.channelEnd; d += blocking.channels)
    for (int column = 0; column < g.columns.size; column += tiling.blockColumns)
      for (int s = 0; s < g.sourceChannels; s += blocking.sources)
        block(d, minimum(item.channelEnd, d + blocking.channels), column, s);
}

}  // namespace
}  // namespace filigree

// The forward pass and the input gradient, dense and sparse.
//
// A work item owns a band of destination rows, a slice of lanes and a block of channels. Block by block it copies
// the window of sources into scratch as [channel][row][column][lane of the slice], zeros beyond the border: every
// kernel position is then valid at every destination, and the window is contiguous where planes a power of two
// apart would fall on the same cache sets. Each tile of destinations then walks its weights with its sums in
// registers, in the order of the taps.
#pragma once
#include "geometry.h"

namespace filigree {
namespace {

constexpr int kDenseVectors = kRegisters == 16 ? (kParts > 2 ? kParts : 2) : 4;  // of a dense tile, per channel
constexpr int kDenseChannels = kDenseVectors * 6 <= kRegisters ? 6 : 2;
constexpr int kSparseVectors = 8;  // of a sparse tile
constexpr int kWindowFloats = 1 << 18;
constexpr int kListEntries = 1 << 15;
constexpr int kPanelFloats = 1 << 16;

struct Tiling {
  int bandRows, blockColumns, slice, blockChannels;
  int bands, slices, channelBlocks;
  size_t windowFloats;

  explicit Tiling(const Gather& g) {
    const bool image = g.rows.size * g.columns.size > 1;
    slice = image || g.lanes % 32 ? 16 : g.lanes % 64 ? 32 : 64;
    bandRows = minimum(4, g.rows.size);
    blockColumns = minimum(8, g.columns.size);
    for (;;) {
      windowFloats = size_t(g.sourceChannels) * g.rows.windowSize(bandRows) * g.columns.windowSize(blockColumns) * slice;
      if (windowFloats <= size_t(kWindowFloats)) break;
      if (bandRows > 1) bandRows /= 2;
      else if (blockColumns > 4) blockColumns /= 2;
      else break;
    }
    bands = divideUp(g.rows.size, bandRows);
    slices = g.lanes / slice;
    const int wanted = maximum(1, 16 / (bands * slices));
    blockChannels = divideUp(divideUp(g.channels, wanted), 12) * 12;
    channelBlocks = divideUp(g.channels, blockChannels);
  }
  int items() const { return bands * slices * channelBlocks; }
};

// Scratch: the window, the offset of every tap in it, and either the list of non-zeros in use with the start of every
// channel (sparse) or the list of taps and the panel of weights (dense).
inline size_t gatherScratch(const Gather& g) {
  const size_t sparse = 2 * size_t(maximum(g.taps(), kListEntries)) + g.channels + 1;
  const size_t dense = 2 * size_t(g.taps()) + maximum(kPanelFloats, g.taps() * kDenseChannels);
  return Tiling(g).windowFloats + size_t(divideUp(g.taps(), 16)) * 16 + (dense > sparse ? dense : sparse);
}

struct Tap {
  int32_t source;  // offset in the window
  int32_t weight;  // offset in a channel's weights
};

// Where a tile's results go: `plane` floats between channels, `columnStep` between the tile's columns.
struct Target {
  size_t plane, columnStep;
  bool accumulate;
};

FILIGREE_INLINE void put(float* to, Vec sum, bool accumulate) { store(to, accumulate ? add(load(to), sum) : sum); }

// The inner loops are functions of their own (not inlined), so that compilers keep all their sums and pointers in registers.

// `Channels` destination channels at once: `rows[d] + taps[n].weight` is where channel d keeps its weight of tap n.
template <int Channels, int Columns, int Vectors>
FILIGREE_NOINLINE void denseTile(const Tap* taps, int count, const float* const* rows, const float* bias,
                                 const float* source, size_t columnStep, float* out, const Target& target) {
  Vec sum[Channels][Columns][Vectors];
  const float* row[Channels];
  for (int d = 0; d < Channels; ++d) {
    row[d] = rows[d];
    for (int c = 0; c < Columns; ++c)
      for (int v = 0; v < Vectors; ++v) sum[d][c][v] = bias ? broadcast(bias[d]) : zero();
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
      for (int v = 0; v < Vectors; ++v)
        put(out + d * target.plane + c * target.columnStep + v * kWidth, sum[d][c][v], target.accumulate);
}

// The non-zeros of a range of destination channels: those of the range's channel d are start[d] .. start[d + 1], with
// their source at at[n] * scale floats.
struct NonZeros {
  const int32_t* start;
  const int32_t* at;
  const float* value;
  int channels;
  size_t scale;
};

// One tile of every channel in turn, while its sources are in the cache. `Adjacent`: the sources of the tile's columns
// are contiguous, else `columnStep` apart.
template <int Columns, int Vectors, bool Adjacent>
FILIGREE_NOINLINE void sparseTile(const NonZeros& weights, const float* bias, const float* source, size_t columnStep, float* out,
                                  const Target& target) {
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
        put(out + d * target.plane + c * target.columnStep + v * kWidth, sum[c][v], target.accumulate);
  }
}

// The part of the work that one item owns.
struct Item {
  int rowBegin, rowEnd, lane, channelBegin, channelEnd;
  Item(const Gather& g, const Tiling& t, int item) {
    lane = item % t.slices * t.slice;
    item /= t.slices;
    channelBegin = item % t.channelBlocks * t.blockChannels;
    channelEnd = minimum(g.channels, channelBegin + t.blockChannels);
    rowBegin = item / t.channelBlocks * t.bandRows;
    rowEnd = minimum(g.rows.size, rowBegin + t.bandRows);
  }
};

// A window of sources, copied: `row`, `column` is its first source, possibly outside the image.
struct Window {
  int row, column, height, width, slice;

  Window(const Gather& g, const Item& item, int columnBegin, int columnEnd, int slice)
      : row(g.rows.windowBegin(item.rowBegin)),
        column(g.columns.windowBegin(columnBegin)),
        height(g.rows.windowEnd(item.rowEnd) - row),
        width(g.columns.windowEnd(columnEnd) - column),
        slice(slice) {}

  size_t rowStep() const { return size_t(width) * slice; }
  size_t plane() const { return height * rowStep(); }

  void copy(const Gather& g, const float* source, int lane, float* to) const {
    for (int channel = 0; channel < g.sourceChannels; ++channel)
      for (int r = row; r < row + height; ++r)
        for (int c = column; c < column + width; ++c, to += slice) {
          const bool inside = r >= 0 && r < g.rows.sourceSize && c >= 0 && c < g.columns.sourceSize;
          const float* from = source + channel * g.sourcePlane() + (size_t(r) * g.columns.sourceSize + c) * g.lanes + lane;
          for (int l = 0; l < slice; l += kWidth) store(to + l, inside ? load(from + l) : zero());
        }
  }

  // The offset in the window of every tap for the destination at (y, x), or -1 for taps that it does not use.
  void offsets(const Gather& g, int y, int x, int32_t* offset) const {
    for (int ky = 0; ky < g.rows.kernel; ++ky)
      for (int kx = 0; kx < g.columns.kernel; ++kx) {
        const bool used = g.rows.uses(y, ky) && g.columns.uses(x, kx);
        int at = used ? ((g.rows.source(y, ky) - row) * width + g.columns.source(x, kx) - column) * slice : -1;
        const int step = used ? int(plane()) : 0;
        int32_t* to = offset + ky * g.columns.kernel + kx;
        for (int channel = 0; channel < g.sourceChannels; ++channel, at += step, to += g.area()) *to = at;
      }
  }
};

// The destinations of one block that use the same kernel positions: rows x columns of them, `rowStep` and
// `columnStep` apart in the output.
struct Phase {
  int y, x, rows, columns;
  size_t rowStep, columnStep;
};

template <class Body>
FILIGREE_INLINE void forEachPhase(const Gather& g, const Item& item, int columnBegin, int columnEnd, Body body) {
  const int rowPhases = g.rows.phases(), columnPhases = g.columns.phases();
  for (int y = item.rowBegin; y < minimum(item.rowEnd, item.rowBegin + rowPhases); ++y)
    for (int x = columnBegin; x < minimum(columnEnd, columnBegin + columnPhases); ++x)
      body(Phase{y, x, divideUp(item.rowEnd - y, rowPhases), divideUp(columnEnd - x, columnPhases),
                 size_t(rowPhases) * g.columns.size * g.lanes, size_t(columnPhases) * g.lanes});
}

// Calls body(Constant<Columns>, Constant<Vectors>, row, column, lane) for tiles of at most `Vectors` vectors that cover the
// phase: several columns of 16 lanes, or several groups of lanes of one column.
template <int Most, class Body>
FILIGREE_INLINE void forEachTile(const Phase& phase, int slice, Body body) {
  constexpr int columns = Most / kParts;
  for (int r = 0; r < phase.rows; ++r) {
    int c = 0;
    if (slice == kGroup)
      for (; c + columns <= phase.columns; c += columns) body(Constant<columns>{}, Constant<kParts>{}, r, c, 0);
    for (; c < phase.columns; ++c) {
      int lane = 0;
      for (; lane + Most * kWidth <= slice; lane += Most * kWidth) body(Constant<1>{}, Constant<Most>{}, r, c, lane);
      for (; lane < slice; lane += kGroup) body(Constant<1>{}, Constant<kParts>{}, r, c, lane);
    }
  }
}

// Where the dense kernel finds its weights. Forward, a channel's weights lie in the order of the taps and are read in
// place. The input gradient reads the tensor across its rows, a page apart in large layers, so they are first copied
// as [group of channels][tap][channel of the group].
class Weights {
 public:
  Weights(const Gather& g, const float* tensor, float* panel) : g_(g), tensor_(tensor), panel_(panel) {}

  static bool inPlace(const Gather& g) { return !g.rows.transposed; }
  // How many channels are prepared at a time.
  static int channels(const Gather& g) {
    return inPlace(g) ? g.channels : maximum(1, kPanelFloats / (g.taps() * kDenseChannels)) * kDenseChannels;
  }

  void prepare(int channelBegin, int channelEnd) {
    begin_ = channelBegin;
    if (inPlace(g_)) return;
    const int area = g_.area();
    for (int s = 0; s < g_.sourceChannels; ++s)
      for (int d = channelBegin; d < channelEnd; ++d) {
        const float* from = tensor_ + s * g_.weightSourceStep + d * g_.weightStep;
        float* to = panel_ + (size_t((d - begin_) / kDenseChannels) * g_.taps() + s * area) * kDenseChannels + (d - begin_) % kDenseChannels;
        for (int k = 0; k < area; ++k) to[k * kDenseChannels] = from[k];
      }
  }
  int offset(int tap) const { return inPlace(g_) ? tap : tap * kDenseChannels; }
  void rows(int d, int count, const float** row) const {
    for (int i = 0; i < count; ++i)
      row[i] = inPlace(g_) ? tensor_ + (d + i) * g_.weightStep : panel_ + size_t(d - begin_) * g_.taps() + i;
  }

 private:
  const Gather& g_;
  const float* tensor_;
  float* panel_;
  int begin_ = 0;
};

inline void denseGather(const Gather& g, const float* tensor, const float* bias, const float* source, float* out,
                        bool accumulate, int index, float* scratch) {
  const Tiling tiling(g);
  const Item item(g, tiling, index);
  float* window = scratch;
  int32_t* offset = reinterpret_cast<int32_t*>(window + tiling.windowFloats);
  Tap* taps = reinterpret_cast<Tap*>(offset + divideUp(g.taps(), 16) * 16);
  Weights weights(g, tensor, reinterpret_cast<float*>(taps + g.taps()));
  const int slice = minimum(tiling.slice, maximum(kGroup, kDenseVectors * kWidth));

  const auto block = [&](int channelBegin, int channelEnd, int column, int columnEnd, int lane) {
    const Window view(g, item, column, columnEnd, slice);
    view.copy(g, source, lane, window);
    forEachPhase(g, item, column, columnEnd, [&](const Phase& phase) {
      view.offsets(g, phase.y, phase.x, offset);
      int count = 0;
      for (int tap = 0; tap < g.taps(); ++tap)
        if (offset[tap] >= 0) taps[count++] = {offset[tap], weights.offset(tap)};
      const size_t rowStep = g.rows.sourceStep() * view.rowStep();
      const size_t columnStep = size_t(g.columns.sourceStep()) * slice;
      float* origin = out + (size_t(phase.y) * g.columns.size + phase.x) * g.lanes + lane;
      const Target target{g.plane(), phase.columnStep, accumulate};
      for (int d = channelBegin; d < channelEnd; d += kDenseChannels)
        withConstant<kDenseChannels>(minimum(kDenseChannels, channelEnd - d), [&](auto channels) {
          const float* rows[kDenseChannels];
          weights.rows(d, decltype(channels)::value, rows);
          forEachTile<kDenseVectors>(phase, slice, [&](auto columns, auto vectors, int r, int c, int l) {
            denseTile<decltype(channels)::value, decltype(columns)::value, decltype(vectors)::value>(
                taps, count, rows, bias ? bias + d : nullptr, window + r * rowStep + c * columnStep + l, columnStep,
                origin + d * g.plane() + r * phase.rowStep + c * phase.columnStep + l, target);
          });
        });
    });
  };

  const int panel = Weights::channels(g);
  for (int d = item.channelBegin; d < item.channelEnd; d += panel) {
    const int channelEnd = minimum(item.channelEnd, d + panel);
    weights.prepare(d, channelEnd);
    for (int column = 0; column < g.columns.size; column += tiling.blockColumns)
      for (int lane = item.lane; lane < item.lane + tiling.slice; lane += slice)
        block(d, channelEnd, column, minimum(g.columns.size, column + tiling.blockColumns), lane);
  }
}

// The non-zeros by destination channel: CSR for the forward pass, CSC for the input gradient.
struct Lists {
  const int32_t* start;
  const int32_t* tap;
  const float* value;
};

inline void sparseGather(const Gather& g, const Lists& lists, const float* bias, const float* source, float* out,
                         bool accumulate, int index, float* scratch) {
  const Tiling tiling(g);
  const Item item(g, tiling, index);

  const auto walk = [&](const Phase& phase, const NonZeros& weights, int channelBegin, const float* base, size_t rowStep,
                        size_t columnStep) {
    const float* start = bias ? bias + channelBegin : nullptr;
    float* origin = out + (size_t(phase.y) * g.columns.size + phase.x) * g.lanes + item.lane + channelBegin * g.plane();
    const Target target{g.plane(), phase.columnStep, accumulate};
    forEachTile<kSparseVectors>(phase, tiling.slice, [&](auto columns, auto vectors, int r, int c, int lane) {
      constexpr int Columns = decltype(columns)::value, Vectors = decltype(vectors)::value;
      const float* from = base + r * rowStep + c * columnStep + lane;
      float* to = origin + r * phase.rowStep + c * phase.columnStep + lane;
      if (Columns == 1 || columnStep == Vectors * kWidth)
        sparseTile<Columns, Vectors, true>(weights, start, from, columnStep, to, target);
      else
        sparseTile<Columns, Vectors, false>(weights, start, from, columnStep, to, target);
    });
  };

  if (g.pointwise()) {
    const Phase phase{item.rowBegin, 0, item.rowEnd - item.rowBegin, g.columns.size, size_t(g.columns.size) * g.lanes, size_t(g.lanes)};
    const NonZeros weights{lists.start + item.channelBegin, lists.tap, lists.value, item.channelEnd - item.channelBegin, g.sourcePlane()};
    walk(phase, weights, item.channelBegin, source + size_t(item.rowBegin) * phase.rowStep + item.lane, phase.rowStep, phase.columnStep);
    return;
  }

  float* window = scratch;
  int32_t* offset = reinterpret_cast<int32_t*>(window + tiling.windowFloats);
  const int entries = maximum(g.taps(), kListEntries);
  int32_t* at = offset + divideUp(g.taps(), 16) * 16;
  float* value = reinterpret_cast<float*>(at + entries);
  int32_t* start = reinterpret_cast<int32_t*>(value + entries);
  for (int column = 0; column < g.columns.size; column += tiling.blockColumns) {
    const int columnEnd = minimum(g.columns.size, column + tiling.blockColumns);
    const Window view(g, item, column, columnEnd, tiling.slice);
    view.copy(g, source, item.lane, window);
    forEachPhase(g, item, column, columnEnd, [&](const Phase& phase) {
      view.offsets(g, phase.y, phase.x, offset);
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
        walk(phase, {start, at, value, d - channelBegin, 1}, channelBegin, window, g.rows.sourceStep() * view.rowStep(),
             size_t(g.columns.sourceStep()) * view.slice);
      }
    });
  }
}

}  // namespace
}  // namespace filigree

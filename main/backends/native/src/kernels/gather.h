// What the dense and the sparse kernel share in gathering a convolution's outputs from its inputs.
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

constexpr size_t kWindowFloats = 1 << 18;  // what a window may take: about a second-level cache

// How a pass is cut into work items (bands of rows x slices of lanes x blocks of channels) and a band into blocks of
// columns, such that the window of a block stays in the second-level cache.
struct Tiling {
  int bandRows, blockColumns, slice, blockChannels;
  int bands, slices, channelBlocks;

  explicit Tiling(const Gather& g) {
    // One group of lanes at a time keeps windows of images small; a linear layer has no halo, so it takes wider
    // slices.
    const bool image = g.rows.size * g.columns.size > 1;
    slice = image || g.lanes % 32 ? 16 : g.lanes % 64 ? 32 : 64;
    bandRows = minimum(4, g.rows.size);
    blockColumns = minimum(8, g.columns.size);
    while (bandRows > 1 && windowFloats(g, g.sourceChannels) > kWindowFloats) bandRows /= 2;
    while (blockColumns > 4 && windowFloats(g, g.sourceChannels) > kWindowFloats) blockColumns /= 2;
    bands = divideUp(g.rows.size, bandRows);
    slices = g.lanes / slice;
    // Few bands and slices: split the channels too, in whole tiles, so that there is work for many threads.
    const int wanted = maximum(1, 16 / (bands * slices));
    blockChannels = divideUp(divideUp(g.channels, wanted), 12) * 12;
    channelBlocks = divideUp(g.channels, blockChannels);
  }
  size_t windowFloats(const Gather& g, int sourceChannels) const {
    return size_t(sourceChannels) * g.rows.windowSize(bandRows) * g.columns.windowSize(blockColumns) * slice;
  }
  int items() const { return bands * slices * channelBlocks; }
};

// The part of the work that one item owns.
struct Item {
  int rowBegin, rowEnd, lane, channelBegin, channelEnd;
  Item(const Gather& g, const Tiling& t, int item) {
    // Neighbouring items read the same sources.
    channelBegin = item % t.channelBlocks * t.blockChannels;
    channelEnd = minimum(g.channels, channelBegin + t.blockChannels);
    item /= t.channelBlocks;
    lane = item % t.slices * t.slice;
    rowBegin = item / t.slices * t.bandRows;
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

  // Copies source channels [channelBegin, channelEnd) of the item's lanes.
  void copy(const Gather& g, const float* source, int channelBegin, int channelEnd, int lane, float* to) const {
    const int first = minimum(maximum(-column, 0), width);  // the columns inside the image are [first, last)
    const int last = maximum(minimum(g.columns.sourceSize - column, width), first);
    const size_t sourceRow = size_t(g.columns.sourceSize) * g.lanes;
    for (int channel = channelBegin; channel < channelEnd; ++channel)
      for (int r = row; r < row + height; ++r, to += rowStep()) {
        const bool inside = r >= 0 && r < g.rows.sourceSize;
        const int begin = inside ? first : width, end = inside ? last : width;
        for (size_t n = 0; n < size_t(begin) * slice; n += kWidth) store(to + n, zero());
        const float* from =
            source + channel * g.sourcePlane() + (inside ? r * sourceRow + (column + begin) * g.lanes + lane : 0);
        for (int c = begin; c < end; ++c, from += g.lanes)
          for (int l = 0; l < slice; l += kWidth) store(to + size_t(c) * slice + l, load(from + l));
        for (size_t n = size_t(end) * slice; n < rowStep(); n += kWidth) store(to + n, zero());
      }
  }

  // The offset in the window of every tap of `channels` channels for the destination at (y, x), or -1 for taps that
  // it does not use.
  void offsets(const Gather& g, int y, int x, int channels, int32_t* offset) const {
    for (int ky = 0; ky < g.rows.kernel; ++ky)
      for (int kx = 0; kx < g.columns.kernel; ++kx) {
        const bool used = g.rows.uses(y, ky) && g.columns.uses(x, kx);
        int at = used ? ((g.rows.source(y, ky) - row) * width + g.columns.source(x, kx) - column) * slice : -1;
        const int step = used ? int(plane()) : 0;
        int32_t* to = offset + ky * g.columns.kernel + kx;
        for (int channel = 0; channel < channels; ++channel, at += step, to += g.area()) *to = at;
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

// Calls body(Constant<Columns>, Constant<Vectors>, row, column, lane) for tiles of at most `Vectors` vectors that
// cover the phase: several columns of 16 lanes, or several groups of lanes of one column.
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

// Where a tile's results go: `plane` floats between channels, `columnStep` between the tile's columns.
struct Target {
  size_t plane, columnStep;
  bool accumulate;

  FILIGREE_INLINE void put(float* to, Vec sum) const { store(to, accumulate ? add(load(to), sum) : sum); }
};

}  // namespace
}  // namespace filigree

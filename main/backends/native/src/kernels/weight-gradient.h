// The weight gradient, dense and sparse, and the bias gradient.
//
// dW[o, tap] is the dot product of the plane of dy of channel o with the plane of x that the tap reads. Canonical
// order: the plane is cut into chunks (parts of one row, a function of the shape alone); within a chunk the products
// are summed per slot (lane modulo 16) with fused multiply-adds, columns then lanes ascending; the 16 slots are
// added by halving; chunk sums are added in ascending order. One tile routine serves both kernels, so they agree.
#pragma once
#include "geometry.h"

namespace filigree {
namespace {

constexpr int kTileOutputs = kRegisters == 32 ? 8 : 4;  // of a dense tile, times kTileTaps, one part at a time
constexpr int kTileTaps = 3;
constexpr int kSparseTaps = kParts == 1 ? 8 : 4;  // of a sparse tile, all parts at once
constexpr int kChunkFloats = 1024;  // of one channel: a tile's chunks fit the first-level cache together

// Work items are blocks of output channels x blocks of input channels: the more outputs, the less often x is read,
// and few enough inputs that their rows around a chunk stay in the second-level cache.
struct Partition {
  int blockOutputs, blockInputs, outputBlocks, inputBlocks, chunkColumns;
  explicit Partition(const ConvShape& s) {
    const bool image = s.outHeight * s.outWidth > 1;
    const int blocks = !image ? 16 : s.outChannels >= 64 ? 2 : 4;
    blockOutputs = minimum(32, divideUp(divideUp(s.outChannels, blocks), kTileOutputs) * kTileOutputs);
    blockInputs = minimum(s.inChannels, image ? 16 : 512);
    outputBlocks = divideUp(s.outChannels, blockOutputs);
    inputBlocks = divideUp(s.inChannels, blockInputs);
    chunkColumns = maximum(1, minimum(s.outWidth, kChunkFloats / s.lanes));
  }
  int items() const { return outputBlocks * inputBlocks; }
};

// Where a tap reads: `x` for the output at row 0, column 0 (possibly outside the image), and the rows and columns
// of outputs [first, last) for which that is inside.
struct TapSource {
  ptrdiff_t offset;
  int32_t firstRow, lastRow, firstColumn, lastColumn;
};

inline void validRange(int size, int sourceSize, int stride, int shift, int32_t* first, int32_t* last) {
  // source = output * stride + shift
  *first = shift >= 0 ? 0 : divideUp(-shift, stride);
  *last = shift >= sourceSize ? 0 : minimum(size, (sourceSize - 1 - shift) / stride + 1);
  if (*last < *first) *last = *first;
}

inline void tapSources(const ConvShape& s, int inputBegin, int inputEnd, TapSource* to) {
  const int area = s.kernelHeight * s.kernelWidth;
  for (int k = 0; k < area; ++k) {
    const int row = k / s.kernelWidth - s.padding, column = k % s.kernelWidth - s.padding;
    TapSource source;
    source.offset = ptrdiff_t(inputBegin * s.inPlane()) + (ptrdiff_t(row) * s.inWidth + column) * s.lanes;
    validRange(s.outHeight, s.inHeight, s.stride, row, &source.firstRow, &source.lastRow);
    validRange(s.outWidth, s.inWidth, s.stride, column, &source.firstColumn, &source.lastColumn);
    // Every channel reads the same places of its own plane; a linear layer has hundreds of channels of one tap.
    for (int i = 0; i < inputEnd - inputBegin; ++i, source.offset += ptrdiff_t(s.inPlane())) to[i * area + k] = source;
  }
}

inline size_t weightGradientScratch(const ConvShape& s) {
  const Partition p(s);
  const size_t taps = size_t(p.blockInputs) * s.kernelHeight * s.kernelWidth;
  return s.lanes + taps * (sizeof(TapSource) / sizeof(float)) + taps * p.blockOutputs + 2 * size_t(p.blockOutputs);
}

// One chunk: columns [columnBegin, columnEnd) of one row of dy, and where that row's sources are.
struct Chunk {
  const float* x;
  const float* dy;  // of the tile's first output channel, at column 0 of the row
  size_t outPlane, rowOffset;
  int row, columnBegin, columnEnd, stride, lanes;
  const float* zeros;  // a column of lanes, read in place of sources outside the image

  bool first() const { return row == 0 && columnBegin == 0; }
};

// sum[o * Taps + t] = dy of output o . x of tap t over the chunk; `sum` has room for a multiple of 4. `Pointwise`: a
// 1x1 kernel on every pixel, for which no source is outside the image.
template <int Outputs, int Taps, int Parts, bool Pointwise>
FILIGREE_NOINLINE void dotTile(const Chunk& chunk, const TapSource* const* taps, float* sum) {
  const size_t columnStep = size_t(chunk.stride) * chunk.lanes;
  const float* origin[Taps];  // of the tap, for column 0
  int first = chunk.columnBegin, last = chunk.columnEnd;
  for (int t = 0; t < Taps; ++t) {
    const bool inside = Pointwise || (chunk.row >= taps[t]->firstRow && chunk.row < taps[t]->lastRow);
    if (!Pointwise) first = maximum(first, taps[t]->firstColumn);
    if (!Pointwise) last = inside ? minimum(last, taps[t]->lastColumn) : 0;
    origin[t] = inside ? chunk.x + (taps[t]->offset + ptrdiff_t(chunk.rowOffset)) : nullptr;
  }
  constexpr int kSums = Outputs * Taps;
  Vec slots[divideUp(kSums, 4) * 4][kParts];
  for (int n = kSums; n < divideUp(kSums, 4) * 4; ++n)
    for (int p = 0; p < kParts; ++p) slots[n][p] = zero();
  for (int part = 0; part < kParts; part += Parts) {
    Vec acc[Outputs][Taps][Parts];
    for (int o = 0; o < Outputs; ++o)
      for (int t = 0; t < Taps; ++t)
        for (int p = 0; p < Parts; ++p) acc[o][t][p] = zero();
    for (int column = chunk.columnBegin; column < chunk.columnEnd;) {
      // The columns inside the image for all taps are one run; the others are taken one by one.
      const bool interior = Pointwise || (column >= first && column < last);
      const int columns = interior ? last - column : 1;
      const float* from[Taps];
      for (int t = 0; t < Taps; ++t) {
        const bool inside = interior || (origin[t] && column >= taps[t]->firstColumn && column < taps[t]->lastColumn);
        from[t] = (inside ? origin[t] + column * columnStep : chunk.zeros) + part * kWidth;
      }
      const float* dy[Outputs];
      for (int o = 0; o < Outputs; ++o)
        dy[o] = chunk.dy + o * chunk.outPlane + size_t(column) * chunk.lanes + part * kWidth;
      // Without a stride neighbouring columns are contiguous in x as in dy.
      const int runs = Pointwise || chunk.stride == 1 ? 1 : columns;
      const ptrdiff_t length = Pointwise || chunk.stride == 1 ? columns * chunk.lanes : chunk.lanes;
      for (int run = 0; run < runs; ++run) {
        for (ptrdiff_t l = 0; l < length; l += kGroup)
          for (int p = 0; p < Parts; ++p) {
            Vec x[Taps];
            for (int t = 0; t < Taps; ++t) x[t] = load(from[t] + l + p * kWidth);
            for (int o = 0; o < Outputs; ++o) {
              const Vec d = load(dy[o] + l + p * kWidth);
              for (int t = 0; t < Taps; ++t) acc[o][t][p] = fma(d, x[t], acc[o][t][p]);
            }
          }
        for (int o = 0; o < Outputs; ++o) dy[o] += chunk.lanes;
        for (int t = 0; t < Taps; ++t) from[t] += columnStep;
      }
      column += columns;
    }
    for (int o = 0; o < Outputs; ++o)
      for (int t = 0; t < Taps; ++t)
        for (int p = 0; p < Parts; ++p) slots[o * Taps + t][part + p] = acc[o][t][p];
  }
  for (int n = 0; n < kSums; n += 4) sumGroups(slots[n], slots[n + 1], slots[n + 2], slots[n + 3], sum + n);
}

// Calls body(chunk of output channel 0) for every chunk, in order.
template <class Body>
FILIGREE_INLINE void forEachChunk(const ConvShape& s, const Partition& p, const float* x, const float* dy,
                                  const float* zeros, Body body) {
  for (int row = 0; row < s.outHeight; ++row)
    for (int column = 0; column < s.outWidth; column += p.chunkColumns)
      body(Chunk{x, dy + size_t(row) * s.outWidth * s.lanes, s.outPlane(),
                 size_t(row) * s.stride * s.inWidth * s.lanes, row, column,
                 minimum(s.outWidth, column + p.chunkColumns), s.stride, s.lanes, zeros});
}

// A chunk's sum joins the earlier chunks'.
FILIGREE_INLINE void join(float* total, float sum, bool first) { *total = first ? sum : *total + sum; }

// The input and output channels of one item, and its scratch.
struct GradientItem {
  int outputBegin, outputEnd, inputBegin, inputEnd, tapBegin, taps;
  float* zeros;
  TapSource* sources;
  float* total;  // where chunks are summed if the gradient itself has to be kept

  GradientItem(const ConvShape& s, const Partition& p, int item, float* scratch) {
    outputBegin = item % p.outputBlocks * p.blockOutputs;
    outputEnd = minimum(s.outChannels, outputBegin + p.blockOutputs);
    inputBegin = item / p.outputBlocks * p.blockInputs;
    inputEnd = minimum(s.inChannels, inputBegin + p.blockInputs);
    tapBegin = inputBegin * s.kernelHeight * s.kernelWidth;
    taps = (inputEnd - inputBegin) * s.kernelHeight * s.kernelWidth;
    zeros = scratch;
    sources = reinterpret_cast<TapSource*>(zeros + s.lanes);
    total = reinterpret_cast<float*>(sources + taps);
    for (int l = 0; l < s.lanes; ++l) zeros[l] = 0.0f;
    tapSources(s, inputBegin, inputEnd, sources);
  }
  int outputs() const { return outputEnd - outputBegin; }
};

inline void denseWeightGradient(const ConvShape& s, const float* x, const float* dy, float* gradient, bool accumulate,
                                int index, float* scratch) {
  const Partition partition(s);
  const GradientItem item(s, partition, index, scratch);
  const bool pointwise = forwardGather(s).pointwise();
  float* own = gradient + size_t(item.outputBegin) * s.taps() + item.tapBegin;
  float* total = accumulate ? item.total : own;
  const size_t pitch = accumulate ? item.taps : s.taps();
  forEachChunk(s, partition, x, dy, item.zeros, [&](Chunk chunk) {
    const float* plane = chunk.dy;
    for (int o = 0; o < item.outputs(); o += kTileOutputs) {
      chunk.dy = plane + (item.outputBegin + o) * chunk.outPlane;
      withConstant<kTileOutputs>(minimum(kTileOutputs, item.outputs() - o), [&](auto outputs) {
        constexpr int Outputs = decltype(outputs)::value;
        for (int tap = 0; tap < item.taps; tap += kTileTaps)
          withConstant<kTileTaps>(minimum(kTileTaps, item.taps - tap), [&](auto taps) {
            constexpr int Taps = decltype(taps)::value;
            const TapSource* sources[Taps];
            for (int t = 0; t < Taps; ++t) sources[t] = item.sources + tap + t;
            float sum[divideUp(Outputs * Taps, 4) * 4];
            if (pointwise) dotTile<Outputs, Taps, 1, true>(chunk, sources, sum);
            else dotTile<Outputs, Taps, 1, false>(chunk, sources, sum);
            for (int i = 0; i < Outputs; ++i)
              for (int t = 0; t < Taps; ++t)
                join(total + (o + i) * pitch + tap + t, sum[i * Taps + t], chunk.first());
          });
      });
    }
  });
  if (accumulate)
    for (int o = 0; o < item.outputs(); ++o)
      for (int t = 0; t < item.taps; ++t) own[size_t(o) * s.taps() + t] += total[o * pitch + t];
}

// The first of the ascending tap[begin, end) that is not below `bound`.
inline int32_t lowerBound(const int32_t* tap, int32_t begin, int32_t end, int32_t bound) {
  while (begin < end) {
    const int32_t middle = begin + (end - begin) / 2;
    if (tap[middle] < bound) begin = middle + 1;
    else end = middle;
  }
  return begin;
}

inline void sparseWeightGradient(const ConvShape& s, const int32_t* rowStart, const int32_t* tap, const float* x,
                                 const float* dy, float* gradient, bool accumulate, int index, float* scratch) {
  const Partition partition(s);
  const GradientItem item(s, partition, index, scratch);
  const bool pointwise = forwardGather(s).pointwise();
  // Each output channel's non-zeros among the item's taps are [first[o], last[o]).
  int32_t* first = reinterpret_cast<int32_t*>(item.total + size_t(item.outputs()) * item.taps);
  int32_t* last = first + item.outputs();
  for (int o = 0; o < item.outputs(); ++o) {
    const int32_t begin = rowStart[item.outputBegin + o], end = rowStart[item.outputBegin + o + 1];
    first[o] = lowerBound(tap, begin, end, item.tapBegin);
    last[o] = lowerBound(tap, first[o], end, item.tapBegin + item.taps);
  }
  forEachChunk(s, partition, x, dy, item.zeros, [&](Chunk chunk) {
    const float* plane = chunk.dy;
    float* next = item.total;
    for (int o = 0; o < item.outputs(); ++o) {
      chunk.dy = plane + (item.outputBegin + o) * chunk.outPlane;
      for (int n = first[o]; n < last[o]; n += kSparseTaps)
        withConstant<kSparseTaps>(minimum(kSparseTaps, last[o] - n), [&](auto taps) {
          constexpr int Taps = decltype(taps)::value;
          const TapSource* sources[Taps];
          for (int t = 0; t < Taps; ++t) sources[t] = item.sources + (tap[n + t] - item.tapBegin);
          float sum[divideUp(Taps, 4) * 4];
          if (pointwise) dotTile<1, Taps, kParts, true>(chunk, sources, sum);
          else dotTile<1, Taps, kParts, false>(chunk, sources, sum);
          float* total = accumulate ? next : gradient + n;
          for (int t = 0; t < Taps; ++t) join(total + t, sum[t], chunk.first());
          next += Taps;
        });
    }
  });
  if (!accumulate) return;
  const float* total = item.total;
  for (int o = 0; o < item.outputs(); ++o)
    for (int n = first[o]; n < last[o]; ++n) gradient[n] += *total++;
}

inline void biasGradient(const ConvShape& s, const float* dy, float* gradient, bool accumulate, int begin, int end) {
  for (int o = begin; o < end; ++o) {
    const float* plane = dy + o * s.outPlane();
    Vec slots[kParts];
    for (int part = 0; part < kParts; ++part) slots[part] = zero();
    for (size_t n = 0; n < s.outPlane(); n += kGroup)
      for (int part = 0; part < kParts; ++part) slots[part] = add(slots[part], load(plane + n + part * kWidth));
    float sum[4];
    sumGroups(slots, slots, slots, slots, sum);
    gradient[o] = accumulate ? gradient[o] + sum[0] : sum[0];
  }
}

}  // namespace
}  // namespace filigree

// What a pathway does to its activations between two convolutions, in one pass over them there and one back, as
// operations of TensorFlow's: `fused.ts` calls them by name, `stack.ts` has the algebra and computes the same of
// TensorFlow's own operations, with about ten passes.
//
// Compiled into the addon by `deno task setup:tensorflow`. Float32 throughout; n images, c channels. An image is
// computed by one thread, and what is summed over images is summed in their order: threads change no bits.
//
// The large operand of each operation is overwritten with its result: whoever calls hands over a tensor that nobody
// else looks at.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "operation.h"
#include "team.h"

namespace {

using namespace treenet;

// So many numbers in a row, of several pixels where there are few channels, keep wide instructions busy.
constexpr int64_t ROW = 64;

// Pixels side by side in a row.
int64_t pixels_a_row(int64_t channels) { return std::max<int64_t>(1, ROW / channels); }

// x ← max(x + shift, 0); adds x and x² to `sum` and `squares`. NaN stays.
WIDEST void shift_row(float* __restrict x, const float* __restrict shift, float* __restrict sum,
                      float* __restrict squares, int64_t length) {
  for (int64_t i = 0; i < length; ++i) {
    const float moved = x[i] + shift[i], y = moved < 0 ? 0 : moved;
    x[i] = y;
    sum[i] += y;
    squares[i] += y * y;
  }
}

// dx ← dx + slope · u − constant where u > 0, else 0; adds it to `sum`.
WIDEST void cut_row(float* __restrict dx, const float* __restrict u, float* __restrict sum, float slope,
                    float constant, int64_t length) {
  for (int64_t i = 0; i < length; ++i) {
    const float line = dx[i] + (slope * u[i] - constant), y = u[i] > 0 ? line : 0;
    dx[i] = y;
    sum[i] += y;
  }
}

// dz ← d where u > 0, else 0; counts where.
WIDEST void spread_row(float* __restrict dz, const float* __restrict u, const float* __restrict d,
                       float* __restrict sum, int64_t length) {
  for (int64_t i = 0; i < length; ++i) {
    const float y = u[i] > 0 ? d[i] : 0;
    dz[i] = y;
    sum[i] += y;
  }
}

// Calls `row` with where each row of an image starts and how long it is.
template <typename Row>
void each_row(int64_t pixels, int64_t channels, Row row) {
  const int64_t length = pixels_a_row(channels) * channels, all = pixels * channels;
  for (int64_t at = 0; at < all; at += length) row(at, std::min(length, all - at));
}

// Numbers that repeat with the pixels of a row.
std::vector<float> tiled(int64_t channels, const std::function<float(int64_t)>& value) {
  std::vector<float> row(pixels_a_row(channels) * channels);
  for (int64_t i = 0; i < static_cast<int64_t>(row.size()); ++i) {
    row[i] = i < channels ? value(i) : row[i - channels];
  }
  return row;
}

// What the pixels of a row came to, channel by channel.
double folded(const std::vector<float>& row, int64_t channels, int64_t channel) {
  double sum = 0;
  for (size_t i = channel; i < row.size(); i += channels) sum += row[i];
  return sum;
}

// u = max(w ∗ x + b √(v + ε) − μ Σw, 0), with μ and √(v + ε) of x, and the same two of u, and the pooled means of u
// over √(v + ε) of x.
void shift(void* attributes, TF_OpKernelContext* context) {
  enum { PRODUCT, BIAS, SUMS, MEAN, ROOT, INPUTS };
  Call call(context, INPUTS);
  if (!call.ok()) return;
  const Shape shape(call, PRODUCT);
  const auto [images, pixels, channels] = shape;
  if (!call.expect(BIAS, channels) || !call.expect(SUMS, channels)) return;
  if (!call.expect(MEAN, images) || !call.expect(ROOT, images)) return;
  float* means = call.output(1, {images});
  float* roots = call.output(2, {images});
  float* pooled = call.output(3, {images, 1, 1, channels});
  if (!call.ok()) return;
  const double epsilon = static_cast<Attributes*>(attributes)->epsilon;
  const int64_t size = shape.size(), count = channels, area = pixels;
  Team::get().run(images, [&](int64_t n) {
    const float mean = call.input(MEAN)[n], root = call.input(ROOT)[n];
    const float *bias = call.input(BIAS), *sums = call.input(SUMS);
    const auto shift = tiled(count, [&](int64_t c) { return bias[c] * root - sums[c] * mean; });
    std::vector<float> sum(shift.size()), squares(shift.size());
    float* x = call.input(PRODUCT) + n * size;
    each_row(area, count, [&](int64_t at, int64_t length) {
      shift_row(x + at, shift.data(), sum.data(), squares.data(), length);
    });
    double total = 0, square = 0;
    for (int64_t c = 0; c < count; ++c) {
      const double of_channel = folded(sum, count, c);
      pooled[n * count + c] = static_cast<float>(of_channel / area / root);
      total += of_channel;
      square += folded(squares, count, c);
    }
    const double average = total / size, variance = square / size - average * average;
    means[n] = static_cast<float>(average);
    // Rounding may take the variance below 0; NaN stays.
    roots[n] = static_cast<float>(std::sqrt((variance < 0 ? 0 : variance) + epsilon * root * root));
  });
  call.hand_over(PRODUCT, 0);
}

// The small operands and results of a backward pass through one layer: those of the convolution and of its input.
struct Small {
  const float *bias, *sums, *mean, *root;  // operands [c], [c], [n], [n]
  float *d_bias, *uniform;                 // results [c]: by b; Σ μ dz, to be taken off the gradient by w
  float *square, *opposite;                // results [n]: by v + ε of the input; by its μ, of the opposite sign
  std::vector<float> totals;               // Σ dz over pixels [n, c]

  bool take(Call& call, const Shape& shape, int input, int output) {
    if (!call.expect(input, shape.channels) || !call.expect(input + 1, shape.channels)) return false;
    if (!call.expect(input + 2, shape.images) || !call.expect(input + 3, shape.images)) return false;
    bias = call.input(input);
    sums = call.input(input + 1);
    mean = call.input(input + 2);
    root = call.input(input + 3);
    d_bias = call.output(output, {shape.channels});
    uniform = call.output(output + 1, {shape.channels});
    square = call.output(output + 2, {shape.images});
    opposite = call.output(output + 3, {shape.images});
    totals.resize(shape.images * shape.channels);
    return call.ok();
  }

  // Of one image, from the sums of its rows; `before` is the gradient by v + ε that came another way.
  void finish(int64_t n, int64_t channels, const std::vector<float>& sum, double before) {
    double by_root = 0, by_mean = 0;
    for (int64_t c = 0; c < channels; ++c) {
      const double total = folded(sum, channels, c);
      totals[n * channels + c] = static_cast<float>(total);
      by_root += total * bias[c];
      by_mean += total * sums[c];
    }
    square[n] = static_cast<float>(by_root / (2 * root[n]) + before);
    opposite[n] = static_cast<float>(by_mean);
  }

  // Of all images, in their order.
  void add_up(const Shape& shape) {
    std::vector<double> by_bias(shape.channels), by_mean(shape.channels);
    for (int64_t n = 0; n < shape.images; ++n) {
      for (int64_t c = 0; c < shape.channels; ++c) {
        const double total = totals[n * shape.channels + c];
        by_bias[c] += total * root[n];
        by_mean[c] += total * mean[n];
      }
    }
    std::copy(by_bias.begin(), by_bias.end(), d_bias);
    std::copy(by_mean.begin(), by_mean.end(), uniform);
  }
};

// dz of the last layer, from the gradient by the pooled channels.
void spread(void*, TF_OpKernelContext* context) {
  enum { D_POOLED, POOLED, U, BIAS, SUMS, MEAN, ROOT, INPUTS };
  Call call(context, INPUTS);
  if (!call.ok()) return;
  const Shape shape(call, U);
  const int64_t count = shape.channels, area = shape.pixels, size = shape.size();
  if (!call.expect(D_POOLED, shape.images * count) || !call.expect(POOLED, shape.images * count)) return;
  Small small;
  float* dz = call.output(0, {shape.images, call.dim(U, 1), call.dim(U, 2), count});
  if (!call.ok() || !small.take(call, shape, BIAS, 1)) return;
  Team::get().run(shape.images, [&](int64_t n) {
    const float* d_pooled = call.input(D_POOLED) + n * count;
    const float* pooled = call.input(POOLED) + n * count;
    const double root = small.root[n];
    const auto d = tiled(count, [&](int64_t c) { return static_cast<float>(d_pooled[c] / (root * area)); });
    std::vector<float> sum(d.size());
    each_row(area, count, [&](int64_t at, int64_t length) {
      spread_row(dz + n * size + at, call.input(U) + n * size + at, d.data(), sum.data(), length);
    });
    double product = 0;
    for (int64_t c = 0; c < count; ++c) product += static_cast<double>(d_pooled[c]) * pooled[c];
    small.finish(n, count, sum, product / (-2 * root * root));
  });
  small.add_up(shape);
}

// dz of a layer below, from dx, the gradient by u through the convolution above, and those by μ and v + ε of u.
void cut(void* attributes, TF_OpKernelContext* context) {
  enum { DX, U, U_MEAN, SQUARE, OPPOSITE, BIAS, SUMS, MEAN, ROOT, INPUTS };
  Call call(context, INPUTS);
  if (!call.ok()) return;
  const Shape shape(call, U);
  const int64_t count = shape.channels, area = shape.pixels, size = shape.size();
  if (!call.expect(DX, shape.images * size) || !call.expect(U_MEAN, shape.images)) return;
  if (!call.expect(SQUARE, shape.images) || !call.expect(OPPOSITE, shape.images)) return;
  Small small;
  if (!small.take(call, shape, BIAS, 1)) return;
  const double epsilon = static_cast<Attributes*>(attributes)->epsilon;
  Team::get().run(shape.images, [&](int64_t n) {
    const double square = call.input(SQUARE)[n], slope = 2 * square / size;
    const double constant = slope * call.input(U_MEAN)[n] + call.input(OPPOSITE)[n] / size;
    std::vector<float> sum(pixels_a_row(count) * count);
    each_row(area, count, [&](int64_t at, int64_t length) {
      cut_row(call.input(DX) + n * size + at, call.input(U) + n * size + at, sum.data(),
              static_cast<float>(slope), static_cast<float>(constant), length);
    });
    small.finish(n, count, sum, square * epsilon);
  });
  small.add_up(shape);
  call.hand_over(DX, 0);
}

// When the addon is loaded, which is after TensorFlow is.
const bool ADDED = [] {
  add_operation("TreenetShift", {"product", "bias", "sums", "mean", "root"}, {"u", "u_mean", "u_root", "pooled"}, shift);
  add_operation("TreenetSpread", {"d_pooled", "pooled", "u", "bias", "sums", "mean", "root"},
                {"dz", "d_bias", "uniform", "square", "opposite"}, spread);
  add_operation("TreenetCut", {"dx", "u", "u_mean", "square", "opposite", "bias", "sums", "mean", "root"},
                {"dz", "d_bias", "uniform", "next_square", "next_opposite"}, cut);
  return true;
}();

}  // namespace

// Batch normalisation, with a ReLU after it where asked for, in two passes over the activations there and two back, as
// operations of TensorFlow's: `batch_norm.ts` calls them by name.
//
// Compiled into the addon by `deno task setup:tensorflow`. Float32, sums of parts in float64; c channels. Parts are as
// large on any number of threads and are summed in their order: threads change no bits.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "operation.h"
#include "team.h"

namespace {

using namespace treenet;

// Of rows of so many channels: adds x − origin to `sum`, and its square to `squares`.
WIDEST void moment_rows(const float* __restrict x, const float* __restrict origin, float* __restrict sum,
                        float* __restrict squares, int64_t rows, int64_t channels) {
  for (; rows > 0; --rows, x += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float off = x[c] - origin[c];
      sum[c] += off;
      squares[c] += off * off;
    }
  }
}

// y ← slope · x + constant, cut off below `least`. NaN stays.
WIDEST void line_rows(float* __restrict y, const float* __restrict x, const float* __restrict slope,
                      const float* __restrict constant, float least, int64_t rows, int64_t channels) {
  for (; rows > 0; --rows, x += channels, y += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float line = slope[c] * x[c] + constant[c];
      y[c] = line < least ? least : line;
    }
  }
}

// Adds dy, where y > least, to `sum`, and dy · (x − mean) to `products`.
WIDEST void product_rows(const float* __restrict dy, const float* __restrict x, const float* __restrict y,
                         const float* __restrict mean, float least, float* __restrict sum,
                         float* __restrict products, int64_t rows, int64_t channels) {
  for (; rows > 0; --rows, dy += channels, x += channels, y += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float passed = y[c] > least ? dy[c] : 0;
      sum[c] += passed;
      products[c] += passed * (x[c] - mean[c]);
    }
  }
}

// dx ← slope · dy + tilt · (x − mean) + constant, dy as above.
WIDEST void back_rows(float* __restrict dx, const float* __restrict dy, const float* __restrict x,
                      const float* __restrict y, const float* __restrict mean, float least,
                      const float* __restrict slope, const float* __restrict tilt,
                      const float* __restrict constant, int64_t rows, int64_t channels) {
  for (; rows > 0; --rows, dx += channels, dy += channels, x += channels, y += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float passed = y[c] > least ? dy[c] : 0;
      dx[c] = slope[c] * passed + (tilt[c] * (x[c] - mean[c]) + constant[c]);
    }
  }
}

// Rows of channels, in parts of the same size on any number of threads.
struct Parts {
  int64_t rows, channels, height, count;
  Parts(const Shape& shape)
      : rows(shape.images * shape.pixels),
        channels(shape.channels),
        height(std::max<int64_t>(16, std::min<int64_t>(64, 32768 / std::max<int64_t>(channels, 1)))),
        count((rows + height - 1) / height) {}

  // Calls `part` with its number, where it starts and how many rows it has.
  template <typename Part>
  void each(Part part) const {
    Team::get().run(count, [&](int64_t i) { part(i, i * height * channels, std::min(height, rows - i * height)); });
  }

  // Sums over rows of two numbers a channel, [2, c]; `part` adds to them those of its rows.
  template <typename Part>
  std::vector<double> sums(Part part) const {
    std::vector<float> found(count * 2 * channels);
    each([&](int64_t i, int64_t at, int64_t height) {
      float* sum = found.data() + i * 2 * channels;
      part(at, height, sum, sum + channels);
    });
    std::vector<double> all(2 * channels);
    for (int64_t i = 0; i < count; ++i) {
      for (int64_t c = 0; c < 2 * channels; ++c) all[c] += found[i * 2 * channels + c];
    }
    return all;
  }
};

// Batch normalisation, then a ReLU where asked for: y = γ (x − μ) / √(v + ε) + β, μ, v (unbiased) and 1 / √(v + ε), v
// biased there, of each channel.
template <bool RELU>
void normalise(void* attributes, TF_OpKernelContext* context) {
  enum { X, GAMMA, BETA, INPUTS };
  Call call(context, INPUTS);
  if (!call.ok()) return;
  const Parts parts(Shape(call, X));
  const int64_t count = parts.channels;
  if (!call.expect(GAMMA, count) || !call.expect(BETA, count)) return;
  float* y = call.output(0, {call.dim(X, 0), call.dim(X, 1), call.dim(X, 2), count});
  float *mean = call.output(1, {count}), *variance = call.output(2, {count}), *inverse = call.output(3, {count});
  if (!call.ok()) return;
  const float* x = call.input(X);
  // Off the first row: what is squared stays small where means are large.
  const auto sums = parts.sums([&](int64_t at, int64_t rows, float* sum, float* squares) {
    moment_rows(x + at, x, sum, squares, rows, count);
  });
  std::vector<float> slope(count), constant(count);
  for (int64_t c = 0; c < count; ++c) {
    const double off = sums[c] / parts.rows, difference = sums[count + c] / parts.rows - off * off;
    // Rounding may take the variance below 0; NaN stays.
    const double biased = difference < 0 ? 0 : difference;
    const double root = std::sqrt(biased + static_cast<Attributes*>(attributes)->epsilon);
    mean[c] = static_cast<float>(x[c] + off);
    variance[c] = static_cast<float>(biased * parts.rows / std::max<int64_t>(parts.rows - 1, 1));
    inverse[c] = static_cast<float>(1 / root);
    slope[c] = static_cast<float>(call.input(GAMMA)[c] / root);
    constant[c] = static_cast<float>(call.input(BETA)[c] - (x[c] + off) * call.input(GAMMA)[c] / root);
  }
  parts.each([&](int64_t, int64_t at, int64_t rows) {
    line_rows(y + at, x + at, slope.data(), constant.data(), RELU ? 0 : -INFINITY, rows, count);
  });
}

// The gradients by x, γ and β.
template <bool RELU>
void normalise_back(void*, TF_OpKernelContext* context) {
  enum { DY, X, Y, GAMMA, MEAN, INVERSE, INPUTS };
  Call call(context, INPUTS);
  if (!call.ok()) return;
  const Shape shape(call, X);
  const Parts parts(shape);
  const int64_t count = parts.channels, size = shape.images * shape.size();
  if (!call.expect(DY, size) || !call.expect(Y, size) || !call.expect(GAMMA, count)) return;
  if (!call.expect(MEAN, count) || !call.expect(INVERSE, count)) return;
  float* dx = call.output(0, {call.dim(X, 0), call.dim(X, 1), call.dim(X, 2), count});
  float *d_gamma = call.output(1, {count}), *d_beta = call.output(2, {count});
  if (!call.ok()) return;
  const float *dy = call.input(DY), *x = call.input(X), *y = call.input(Y), *mean = call.input(MEAN);
  constexpr float least = RELU ? 0 : -INFINITY;
  const auto sums = parts.sums([&](int64_t at, int64_t rows, float* sum, float* products) {
    product_rows(dy + at, x + at, y + at, mean, least, sum, products, rows, count);
  });
  std::vector<float> slope(count), tilt(count), constant(count);
  for (int64_t c = 0; c < count; ++c) {
    const double inverse = call.input(INVERSE)[c], scale = call.input(GAMMA)[c] * inverse;
    d_beta[c] = static_cast<float>(sums[c]);
    d_gamma[c] = static_cast<float>(sums[count + c] * inverse);
    slope[c] = static_cast<float>(scale);
    tilt[c] = static_cast<float>(-scale * inverse * inverse * sums[count + c] / parts.rows);
    constant[c] = static_cast<float>(-scale * sums[c] / parts.rows);
  }
  parts.each([&](int64_t, int64_t at, int64_t rows) {
    back_rows(dx + at, dy + at, x + at, y + at, mean, least, slope.data(), tilt.data(), constant.data(), rows, count);
  });
}

// When the addon is loaded, which is after TensorFlow is.
const bool ADDED = [] {
  const std::vector<const char*> forward_in = {"x", "gamma", "beta"}, forward_out = {"y", "mean", "variance", "inverse"};
  add_operation("TreenetNormalise", forward_in, forward_out, normalise<false>);
  add_operation("TreenetNormaliseRelu", forward_in, forward_out, normalise<true>);
  const std::vector<const char*> back_in = {"dy", "x", "y", "gamma", "mean", "inverse"};
  const std::vector<const char*> back_out = {"dx", "d_gamma", "d_beta"};
  add_operation("TreenetNormaliseBack", back_in, back_out, normalise_back<false>);
  add_operation("TreenetNormaliseReluBack", back_in, back_out, normalise_back<true>);
  return true;
}();

}  // namespace

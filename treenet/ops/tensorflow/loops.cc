// The loops of a training step's parameter update over the host's own arrays, as `optimiser.ts` has them in JavaScript and
// with the same bits: in float64, rounded where it is stored. `host_loops.ts` calls them.
//
// Compiled into the addon by `deno task setup:tensorflow`. Sums are of one thread; what else is computed of a number
// depends on that number alone: threads change no bits.

#include <algorithm>
#include <cmath>

#include "team.h"

// JavaScript rounds every product.
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

namespace {

constexpr double BETA1 = 0.9, BETA2 = 0.999, EPSILON = 1e-8;  // as in optimiser.ts

// Numbers that a thread takes at a time.
constexpr int64_t BLOCK = 1 << 16;

template <typename Body>
void each_block(int64_t n, const Body& body) {
  treenet::Team::get().run((n + BLOCK - 1) / BLOCK, [&](int64_t i) { body(i * BLOCK, std::min(BLOCK, n - i * BLOCK)); });
}

WIDEST double squares(const float* x, int64_t n) {
  double sums[4] = {};
  int64_t i = 0;
  for (; i + 4 <= n; i += 4) {
    for (int lane = 0; lane < 4; ++lane) sums[lane] += static_cast<double>(x[i + lane]) * x[i + lane];
  }
  for (; i < n; ++i) sums[0] += static_cast<double>(x[i]) * x[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

WIDEST void scale(float* x, int64_t n, double factor) {
  for (int64_t i = 0; i < n; ++i) x[i] = static_cast<float>(x[i] * factor);
}

struct Rates {
  double keep, step, correction;
};

WIDEST void adamw(float* __restrict w, float* __restrict first, float* __restrict second, const float* __restrict g,
                  int64_t n, Rates rates) {
  for (int64_t i = 0; i < n; ++i) {
    const double m = BETA1 * first[i] + (1 - BETA1) * g[i];
    const double v = BETA2 * second[i] + (1 - BETA2) * g[i] * g[i];
    first[i] = static_cast<float>(m);
    second[i] = static_cast<float>(v);
    w[i] = static_cast<float>(w[i] * rates.keep - rates.step * m / (std::sqrt(v) * rates.correction + EPSILON));
  }
}

WIDEST void ema(float* __restrict average, const float* __restrict values, int64_t n, double momentum) {
  for (int64_t i = 0; i < n; ++i) {
    average[i] = static_cast<float>(momentum * average[i] + (1 - momentum) * values[i]);
  }
}

}  // namespace

#define EXPORTED extern "C" __attribute__((visibility("default")))

EXPORTED double treenet_squares(const float* x, size_t n) { return squares(x, n); }

EXPORTED void treenet_scale(float* x, size_t n, double factor) {
  each_block(n, [=](int64_t at, int64_t length) { scale(x + at, length, factor); });
}

EXPORTED void treenet_adamw(float* w, float* first, float* second, const float* g, size_t n, double keep, double step,
                            double correction) {
  const Rates rates{keep, step, correction};
  each_block(n, [=](int64_t at, int64_t length) { adamw(w + at, first + at, second + at, g + at, length, rates); });
}

EXPORTED void treenet_ema(float* average, const float* values, size_t n, double momentum) {
  each_block(n, [=](int64_t at, int64_t length) { ema(average + at, values + at, length, momentum); });
}

#include "gradient_check/subject/reduced_precision.h"

#include <ATen/Context.h>
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/library.h>

#include <functional>
#include <string>
#include <vector>

#include "gradient_check/subject/evaluation_scope.h"

namespace gradient_check {
namespace {

using at::Tensor;

struct Call {
  std::string name;
  std::function<Tensor(const Tensor& x, const Tensor& w)> function;
};

constexpr at::ScalarType reduced_dtypes[] = {at::kHalf, at::kBFloat16};

double eps_of(at::ScalarType dtype) { return dtype == at::kHalf ? 0x1p-10 : 0x1p-7; }

/// [4, 4], well conditioned, its elements in (0, 1) but for the diagonal, which is 2 to 3.
Tensor sample(int seed) {
  Tensor x = at::empty({4, 4});
  for (int i = 0; i < 16; ++i) x.view(-1)[i] = 0.1 + 0.8 * ((i * 7 + 3 * seed + 5) % 17) / 17.0;
  return x + 2 * at::eye(4);
}
Tensor probability(const Tensor& x) { return x * 0.25 + 0.125; }
Tensor image(const Tensor& x) { return x.reshape({1, 1, 4, 4}); }
Tensor symmetric(const Tensor& x) { return x + x.t() + 4 * at::eye(4, x.options()); }
Tensor classes() { return at::arange(4); }

const std::vector<Call>& linear_algebra() {
  static const std::vector<Call> calls{
      {"linalg_inv", [](auto& x, auto&) { return at::linalg_inv(x); }},
      {"linalg_pinv", [](auto& x, auto&) { return at::linalg_pinv(x.slice(1, 0, 3)); }},
      {"slogdet", [](auto& x, auto&) { return std::get<1>(at::slogdet(x)); }},
      {"linalg_slogdet", [](auto& x, auto&) { return std::get<1>(at::linalg_slogdet(x)); }},
      {"logdet", [](auto& x, auto&) { return at::logdet(x); }},
      {"det", [](auto& x, auto&) { return at::linalg_det(x); }},
      {"solve", [](auto& x, auto& w) { return at::linalg_solve(x, w); }},
      {"cholesky", [](auto& x, auto&) { return at::linalg_cholesky(symmetric(x)); }},
      {"svdvals", [](auto& x, auto&) { return at::linalg_svdvals(x); }},
      {"eigvalsh", [](auto& x, auto&) { return at::linalg_eigvalsh(symmetric(x)); }},
      {"qr", [](auto& x, auto&) { return std::get<1>(at::linalg_qr(x)).abs(); }},
      {"triangular", [](auto& x, auto& w) { return at::linalg_solve_triangular(x, w, true); }},
      {"matrix_power", [](auto& x, auto&) { return at::matrix_power(x, 3); }},
      {"matrix_norm", [](auto& x, auto&) { return at::linalg_norm(x, "nuc"); }},
      {"vector_norm", [](auto& x, auto&) { return at::linalg_vector_norm(x, 3); }},
      {"matmul", [](auto& x, auto& w) { return at::matmul(x, w); }},
      {"addmm", [](auto& x, auto& w) { return at::addmm(w, x, w, 0.5, 2); }},
      {"bmm", [](auto& x, auto& w) { return at::bmm(x.unsqueeze(0), w.unsqueeze(0)); }},
      {"mv", [](auto& x, auto& w) { return at::mv(x, w[0]); }},
      {"dot", [](auto& x, auto& w) { return at::dot(x[0], w[1]); }},
      {"einsum",
       [](auto& x, auto& w) {
         return at::einsum("ij,kj->ik", {x, w});
       }},
      {"linear", [](auto& x, auto& w) { return at::linear(x, w, w[0]); }},
      {"cdist", [](auto& x, auto& w) { return at::cdist(x, w); }},
      {"cross",
       [](auto& x, auto& w) { return at::linalg_cross(x.slice(1, 0, 3), w.slice(1, 0, 3)); }}};
  return calls;
}

const std::vector<Call>& images_and_signals() {
  static const std::vector<Call> calls{
      {"grid_sampler",
       [](auto& x, auto& w) {
         return at::grid_sampler(image(x), w.reshape({1, 4, 2, 2}), 0, 0, false);
       }},
      {"affine_grid",
       [](auto& x, auto&) {
         return at::affine_grid_generator(x.slice(0, 0, 2).slice(1, 0, 3).unsqueeze(0),
                                          {1, 1, 3, 3}, false);
       }},
      {"upsample",
       [](auto& x, auto&) {
         return at::upsample_bilinear2d(image(x), {7, 6}, true);
       }},
      {"bicubic",
       [](auto& x, auto&) {
         return at::upsample_bicubic2d(image(x), {7, 6}, true);
       }},
      {"nearest",
       [](auto& x, auto&) {
         return at::upsample_nearest2d(image(x), {7, 6});
       }},
      {"conv2d",
       [](auto& x, auto& w) {
         return at::conv2d(image(x), w.slice(0, 0, 2).reshape({2, 1, 2, 2}));
       }},
      {"conv1d",
       [](auto& x, auto& w) {
         return at::conv1d(x, w.slice(1, 0, 2).unsqueeze(1), Tensor(), at::IntArrayRef{1},
                           at::IntArrayRef{0}, at::IntArrayRef{1}, 4);
       }},
      {"transposed",
       [](auto& x, auto& w) {
         return at::conv_transpose2d(image(x), w.slice(0, 0, 1).reshape({1, 1, 2, 2}));
       }},
      {"max_pool2d",
       [](auto& x, auto&) {
         return at::max_pool2d(image(x), {2, 2});
       }},
      {"avg_pool2d",
       [](auto& x, auto&) {
         return at::avg_pool2d(image(x), {3, 3}, {1, 1});
       }},
      {"adaptive",
       [](auto& x, auto&) {
         return at::adaptive_avg_pool2d(image(x), {3, 2});
       }},
      {"reflection",
       [](auto& x, auto&) {
         return at::reflection_pad2d(image(x), {1, 2, 1, 1});
       }},
      {"im2col",
       [](auto& x, auto&) {
         return at::im2col(image(x), {2, 2}, {1, 1}, {0, 0}, {1, 1});
       }},
      {"col2im",
       [](auto& x, auto&) {
         return at::col2im(x.unsqueeze(0), {3, 3}, {2, 2}, {1, 1}, {0, 0}, {1, 1});
       }},
      {"rfft", [](auto& x, auto&) { return at::fft_rfft(x).abs(); }},
      {"irfft", [](auto& x, auto&) { return at::fft_irfft(at::fft_rfft(x), 4); }},
      {"fft2", [](auto& x, auto&) { return at::real(at::fft_fft2(x)); }},
      {"spectrum",
       [](auto& x, auto&) { return at::view_as_real(at::fft_fft(x)).square().sum(-1); }}};
  return calls;
}

const std::vector<Call>& statistics() {
  static const std::vector<Call> calls{
      {"quantile", [](auto& x, auto&) { return at::quantile(x, 0.3, 1); }},
      {"nanquantile", [](auto& x, auto&) { return at::nanquantile(x, 0.3, 1); }},
      {"median", [](auto& x, auto&) { return std::get<0>(at::median(x, 1)); }},
      {"kthvalue", [](auto& x, auto&) { return std::get<0>(at::kthvalue(x, 2, 1)); }},
      {"sort", [](auto& x, auto&) { return std::get<0>(at::sort(x, 1)); }},
      {"topk", [](auto& x, auto&) { return std::get<0>(at::topk(x, 2, 1)); }},
      {"var", [](auto& x, auto&) { return at::var(x, 1); }},
      {"std", [](auto& x, auto&) { return at::std(x, 1); }},
      {"cumsum", [](auto& x, auto&) { return at::cumsum(x, 1); }},
      {"cumprod", [](auto& x, auto&) { return at::cumprod(x, 1); }},
      {"cummax", [](auto& x, auto&) { return std::get<0>(at::cummax(x, 1)); }},
      {"logcumsumexp", [](auto& x, auto&) { return at::logcumsumexp(x, 1); }},
      {"logsumexp", [](auto& x, auto&) { return at::logsumexp(x, 1); }},
      {"prod", [](auto& x, auto&) { return at::prod(x, 1); }},
      {"amax", [](auto& x, auto&) { return at::amax(x, 1); }},
      {"trace", [](auto& x, auto&) { return at::trace(x); }},
      {"renorm", [](auto& x, auto&) { return at::renorm(x, 2, 0, 1.5); }},
      {"sum to float16", [](auto& x, auto&) { return at::sum(x, {1}, false, at::kHalf); }}};
  return calls;
}

const std::vector<Call>& pointwise_calls() {
  static const std::vector<Call> calls{
      {"erfinv", [](auto& x, auto&) { return at::erfinv(0.25 * x); }},
      {"lgamma", [](auto& x, auto&) { return at::lgamma(x + 0.5); }},
      {"digamma", [](auto& x, auto&) { return at::digamma(x + 0.5); }},
      {"polygamma", [](auto& x, auto&) { return at::polygamma(2, x + 1); }},
      {"atan2", [](auto& x, auto& w) { return at::atan2(x, w); }},
      {"hypot", [](auto& x, auto& w) { return at::hypot(x, w); }},
      {"pow", [](auto& x, auto& w) { return at::pow(x, w); }},
      {"xlogy", [](auto& x, auto& w) { return at::xlogy(x, w); }},
      {"logaddexp", [](auto& x, auto& w) { return at::logaddexp(x, w); }},
      {"lerp", [](auto& x, auto& w) { return at::lerp(x, w, 0.3); }},
      {"addcdiv", [](auto& x, auto& w) { return at::addcdiv(x, x, w, 0.5); }},
      {"sinc", [](auto& x, auto&) { return at::sinc(x); }},
      {"i0", [](auto& x, auto&) { return at::special_i0e(x); }},
      {"logit", [](auto& x, auto&) { return at::logit(probability(x)); }},
      {"mish", [](auto& x, auto&) { return at::mish(x); }},
      {"gelu", [](auto& x, auto&) { return at::gelu(x); }},
      {"softplus", [](auto& x, auto&) { return at::softplus(x); }},
      {"prelu", [](auto& x, auto& w) { return at::prelu(x - 0.5, w[0].slice(0, 0, 1)); }},
      {"glu", [](auto& x, auto&) { return at::glu(x, 1); }},
      {"hardswish", [](auto& x, auto&) { return at::hardswish(x); }},
      {"erfinv_", [](auto& x, auto&) { return (0.25 * x).erfinv_(); }},
      {"lgamma_", [](auto& x, auto&) { return x.clone().lgamma_(); }},
      {"gather", [](auto& x, auto&) { return at::gather(x, 1, classes().unsqueeze(1)); }},
      {"scatter_add",
       [](auto& x, auto& w) {
         return x.scatter_add(1, classes().expand({4, 4}), w);
       }},
      {"index_add", [](auto& x, auto& w) { return x.index_add(0, classes(), w); }},
      {"take", [](auto& x, auto&) { return at::take(x, classes()); }},
      {"kron", [](auto& x, auto& w) { return at::kron(x, w.slice(0, 0, 1)); }}};
  return calls;
}

const std::vector<Call>& networks() {
  static const std::vector<Call> calls{
      {"softmax", [](auto& x, auto&) { return at::softmax(x, 1); }},
      {"log_softmax", [](auto& x, auto&) { return at::log_softmax(x, 1); }},
      {"layer_norm", [](auto& x, auto& w) { return at::layer_norm(x, {4}, w[0], w[1]); }},
      {"group_norm", [](auto& x, auto& w) { return at::group_norm(x, 1, w[0], w[1]); }},
      {"batch_norm",
       [](auto& x, auto& w) {
         return at::batch_norm(x, w[0], w[1], {}, {}, true, 0.1, 1e-3, false);
       }},
      {"embedding", [](auto& x, auto&) { return at::embedding(x, classes()); }},
      {"nll_loss", [](auto& x, auto&) { return at::nll_loss(at::log_softmax(x, 1), classes()); }},
      {"cross_entropy", [](auto& x, auto&) { return at::cross_entropy_loss(x, classes()); }},
      {"bce",
       [](auto& x, auto&) { return at::binary_cross_entropy(probability(x), at::ones_like(x)); }},
      {"bce_with_logits",
       [](auto& x, auto& w) {
         return at::binary_cross_entropy_with_logits(x, probability(w).detach());
       }},
      {"huber", [](auto& x, auto& w) { return at::huber_loss(x, w, 1, 0.3); }},
      {"smooth_l1", [](auto& x, auto& w) { return at::smooth_l1_loss(x, w); }},
      {"kl_div", [](auto& x, auto& w) { return at::kl_div(x, probability(w).detach()); }},
      {"multi_margin", [](auto& x, auto&) { return at::multi_margin_loss(x, classes()); }},
      {"lstm_cell",
       [](auto& x, auto& w) {
         return std::get<1>(at::lstm_cell(x, {w, w}, at::cat({x, w, x, w}), at::cat({w, x, w, x})));
       }},
      {"gru_cell",
       [](auto& x, auto& w) {
         return at::gru_cell(x, w, 0.1 * at::cat({x, w, x}), 0.1 * at::cat({w, x, w}));
       }},
      {"bilinear", [](auto& x, auto& w) { return at::bilinear(x, w, w.unsqueeze(0), Tensor()); }}};
  return calls;
}

/// Output and its gradients at a cotangent, all float32.
std::vector<Tensor> evaluated(const Call& call, const Tensor& x, const Tensor& w) {
  const Tensor a = x.detach().clone().requires_grad_(), b = w.detach().clone().requires_grad_();
  const Tensor output = call.function(a, b);
  const Tensor weights = at::arange(output.numel()).to(at::kFloat).cos().reshape(output.sizes());
  const auto gradients = torch::autograd::grad({output}, {a, b}, {weights.to(output.scalar_type())},
                                               false, false, true);
  std::vector<Tensor> all{output.detach().to(at::kFloat)};
  for (const Tensor& gradient : gradients)
    all.push_back(gradient.defined() ? gradient.to(at::kFloat) : at::zeros({4, 4}));
  return all;
}

double gap(const Tensor& a, const Tensor& b) {
  if (a.sizes() != b.sizes()) return INFINITY;
  const double size = b.abs().max().item<double>();
  const double difference = (a - b).abs().max().item<double>();
  return size > 0 ? difference / size : difference;
}

/// LibTorch 1.13's oneDNN computes another transposed convolution in bfloat16.
class WithoutOneDnn {
 public:
  WithoutOneDnn() { at::globalContext().setUserEnabledMkldnn(false); }
  ~WithoutOneDnn() { at::globalContext().setUserEnabledMkldnn(true); }
};

void expect_rounding_only(const Call& call, at::ScalarType dtype, at::ScalarType scope_dtype) {
  SCOPED_TRACE(call.name + " in " + c10::toString(dtype));
  const Tensor x = sample(0).to(dtype), w = sample(1).to(dtype);
  std::vector<Tensor> truth, found;
  const WithoutOneDnn without_onednn;
  {
    const EvaluationScope scope(at::kFloat, true);
    truth = evaluated(call, x.to(at::kFloat), w.to(at::kFloat));
  }
  try {
    const EvaluationScope scope(scope_dtype, true);
    const ReducedPrecisionFallback fallback(true);
    found = evaluated(call, x, w);
  } catch (const std::exception& error) {
    FAIL() << error.what();
  }
  for (std::size_t i = 0; i < truth.size(); ++i)
    EXPECT_LE(gap(found[i], truth[i]), 32 * eps_of(dtype)) << (i == 0 ? "output" : "gradient") << i;
}

class EveryFunction : public testing::TestWithParam<const std::vector<Call>*> {};

TEST_P(EveryFunction, DiffersFromFloat32ByRoundingInItsOwnScope) {
  for (const at::ScalarType dtype : reduced_dtypes)
    for (const Call& call : *GetParam()) expect_rounding_only(call, dtype, dtype);
}

TEST_P(EveryFunction, DiffersFromFloat32ByRoundingInAFloat32Run) {
  for (const at::ScalarType dtype : reduced_dtypes)
    for (const Call& call : *GetParam()) expect_rounding_only(call, dtype, at::kFloat);
}

INSTANTIATE_TEST_SUITE_P(ReducedPrecision, EveryFunction,
                         testing::Values(&linear_algebra(), &images_and_signals(), &statistics(),
                                         &pointwise_calls(), &networks()));

TEST(ReducedPrecision, GivesTheDtypesThatAGpuGives) {
  const QuietWarnings quiet;
  const ReducedPrecisionFallback fallback(true);
  const Tensor half = sample(0).to(at::kHalf), brain = sample(0).to(at::kBFloat16);
  EXPECT_EQ(at::linalg_inv(half).scalar_type(), at::kHalf);
  EXPECT_EQ(at::linalg_inv(brain).scalar_type(), at::kBFloat16);
  EXPECT_EQ(at::fft_rfft(half).scalar_type(), at::kComplexHalf);
  EXPECT_EQ(at::fft_rfft(brain).scalar_type(), at::kComplexFloat);
  EXPECT_EQ(at::fft_rfft(half).abs().scalar_type(), at::kHalf);
  EXPECT_EQ(at::softmax(half, 1, at::kFloat).scalar_type(), at::kFloat);
  for (const at::ScalarType dtype : reduced_dtypes) {
    EXPECT_EQ(at::linspace(0, 1, 5, at::TensorOptions(dtype)).scalar_type(), dtype);
    EXPECT_EQ(at::arange(0, 5, at::TensorOptions(dtype)).scalar_type(), dtype);
    EXPECT_EQ(at::randn({3}, at::TensorOptions(dtype)).scalar_type(), dtype);
    EXPECT_EQ(at::eye(3, at::TensorOptions(dtype)).scalar_type(), dtype);
    for (const Tensor& each : at::_foreach_lgamma({sample(0).to(dtype), sample(1).to(dtype)}))
      EXPECT_EQ(each.scalar_type(), dtype);
  }
}

TEST(ReducedPrecision, ThrowsWhatTheCallItselfThrows) {
  const Tensor x = sample(0).to(at::kHalf);
  const auto message = [&] {
    try {
      at::linalg_inv(x.slice(1, 0, 3));
    } catch (const std::exception& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string alone = message();
  ASSERT_NE(alone, "");
  const ReducedPrecisionFallback fallback(true);
  EXPECT_EQ(message().substr(0, 60), alone.substr(0, 60));
  at::linalg_inv(x);
  EXPECT_EQ(message().substr(0, 60), alone.substr(0, 60)) << "once the call is known to lack";
}

// Doubles its argument, then finds that it does not know float16.
void half_way(Tensor& x) {
  x.mul_(2);
  TORCH_CHECK(x.scalar_type() != at::kHalf, "no float16 here");
  x.add_(1);
}
TORCH_LIBRARY(reduced_precision_test, library) {
  library.def("half_way_(Tensor(a!) x) -> ()", &half_way);
}

TEST(ReducedPrecision, UndoesWhatAFailedCallHasWritten) {
  const auto op =
      c10::Dispatcher::singleton().findSchemaOrThrow("reduced_precision_test::half_way_", "");
  const ReducedPrecisionFallback fallback(true);
  for (int call = 0; call < 2; ++call) {
    const Tensor x = at::full({3}, 1.5, at::TensorOptions(at::kHalf));
    std::vector<c10::IValue> stack{x};
    op.callBoxed(&stack);
    EXPECT_TRUE(x.eq(4).all().item<bool>()) << call;
  }
}

}  // namespace
}  // namespace gradient_check

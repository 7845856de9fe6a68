#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <gmock/gmock.h>

#include "gradient_check/matchers.h"

// The scenarios of PyTorch's own tests of gradcheck (test_autograd.py, test_gradcheck_*).
namespace gradient_check {
namespace {

using testing::HasSubstr;
using testing::Not;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

at::Tensor leaf(at::IntArrayRef sizes = {3, 2}, at::ScalarType dtype = at::kDouble) {
  return at::randn(sizes, dtype).requires_grad_();
}
std::string text_of(const CaseResult& result) { return to_text(result); }

/// factor * x
struct Scale : Function<Scale> {
  static at::Tensor forward(AutogradContext* ctx, at::Tensor x, double factor) {
    ctx->saved_data["factor"] = factor;
    return x * factor;
  }
  static variable_list backward(AutogradContext* ctx, variable_list grad) {
    return {grad[0] * ctx->saved_data["factor"].toDouble(), at::Tensor()};
  }
};

TEST(AutogradFunction, PassesARightOneWithAnArgumentThatIsNoTensor) {
  for (const at::ScalarType dtype : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16})
    EXPECT_THAT(autograd_function<Scale>(leaf({3, 2}, dtype), 3.0), GradientsMatch()) << dtype;
  EXPECT_THAT(autograd_function<Scale>(leaf({}), 3.0), GradientsMatch());
  EXPECT_THAT(autograd_function<Scale>(leaf({0, 2}), 3.0), GradientsMatch());
}

struct AddsToTheGradient : Function<AddsToTheGradient> {
  static at::Tensor forward(AutogradContext*, at::Tensor x) { return x * 1; }
  static variable_list backward(AutogradContext*, variable_list grad) {
    return {grad[0].clone() + 1e-2};
  }
};

TEST(AutogradFunction, CatchesABackwardThatAdds) {
  const auto subject = autograd_function<AddsToTheGradient>(leaf()).named({"x"});
  EXPECT_THAT(subject, Not(GradientsMatch()));
  const CaseResult result = check(subject);
  ASSERT_EQ(result.gradients.size(), 1u);
  EXPECT_EQ(result.gradients[0].wrong, Wrong::manual);
  EXPECT_NEAR(result.gradients[0].max_abs_error, 1e-2, 1e-9);
}

struct ForgetsGradOutput : Function<ForgetsGradOutput> {
  static at::Tensor forward(AutogradContext* ctx, at::Tensor x) {
    ctx->save_for_backward({x});
    return x * x;
  }
  static variable_list backward(AutogradContext* ctx, variable_list) {
    return {2 * ctx->get_saved_variables()[0]};
  }
};

TEST(AutogradFunction, CatchesABackwardNotMultipliedByGradOutput) {
  EXPECT_THAT(text_of(check(autograd_function<ForgetsGradOutput>(leaf()))),
              HasSubstr("error[grad-output-ignored]"));
}

struct NonReentrant : Function<NonReentrant> {
  static at::Tensor forward(AutogradContext*, at::Tensor x) { return x * 1; }
  static variable_list backward(AutogradContext*, variable_list grad) {
    static int calls = 0;
    return {grad[0] * (1 + 1e-3 * ++calls)};
  }
};

TEST(AutogradFunction, CatchesABackwardThatIsNotReentrant) {
  EXPECT_THAT(text_of(check(autograd_function<NonReentrant>(leaf()))),
              HasSubstr("error[nondeterministic]"));
}

struct ShapeDependsOnValues : Function<ShapeDependsOnValues> {
  static at::Tensor forward(AutogradContext*, at::Tensor x) {
    return x.sum().item<double>() > 0 ? at::cat({x, x}) : x * 1;
  }
  static variable_list backward(AutogradContext*, variable_list grad) { return {grad[0]}; }
};
struct DtypeDependsOnValues : Function<DtypeDependsOnValues> {
  static at::Tensor forward(AutogradContext*, at::Tensor x) {
    return x.sum().item<double>() > 0 ? x.to(at::kLong) : x * 1;
  }
  static variable_list backward(AutogradContext*, variable_list grad) { return {grad[0]}; }
};

TEST(AutogradFunction, SaysThatAnOutputsShapeOrDtypeDependsOnTheValues) {
  // At 0 the sum is not positive; any step up is.
  const CaseResult shape =
      check(autograd_function<ShapeDependsOnValues>(at::zeros_like(leaf({2})).requires_grad_()));
  EXPECT_EQ(shape.verdict, Verdict::error);
  EXPECT_THAT(shape.message, HasSubstr("output 0 has shape [2] at the point and [4] elsewhere"));
  const CaseResult dtype =
      check(autograd_function<DtypeDependsOnValues>(at::zeros_like(leaf({2})).requires_grad_()));
  EXPECT_EQ(dtype.verdict, Verdict::error);
  EXPECT_THAT(dtype.message, HasSubstr("the dtype of an output may not depend on the values"));
}

struct WithIndices : Function<WithIndices> {
  static variable_list forward(AutogradContext* ctx, at::Tensor x) {
    const auto [values, indices] = x.sort(0);
    ctx->save_for_backward({indices});
    ctx->mark_non_differentiable({indices});
    return {values, indices};
  }
  static variable_list backward(AutogradContext* ctx, variable_list grad) {
    return {at::zeros_like(grad[0]).scatter(0, ctx->get_saved_variables()[0], grad[0])};
  }
};
struct OnlyIndices : Function<OnlyIndices> {
  static at::Tensor forward(AutogradContext* ctx, at::Tensor x) {
    const at::Tensor order = x.argsort(0, false);
    ctx->mark_non_differentiable({order});
    return order;
  }
  static variable_list backward(AutogradContext*, variable_list) { return {at::Tensor()}; }
};

TEST(AutogradFunction, LeavesOutOutputsThatAreNotDifferentiable) {
  EXPECT_THAT(autograd_function<WithIndices>(leaf()), GradientsMatch());
  const CaseResult none = check(autograd_function<OnlyIndices>(leaf()));
  EXPECT_EQ(none.verdict, Verdict::error);
  EXPECT_THAT(none.message, HasSubstr("no output of"));
}

TEST(AutogradFunction, SaysThatNothingRequiresAGradient) {
  const CaseResult result = check(autograd_function<Scale>(at::randn({3}), 2.0));
  EXPECT_EQ(result.verdict, Verdict::error);
  EXPECT_THAT(result.message, HasSubstr("call requires_grad_() on those that should"));
}

TEST(AutogradFunction, TakesExpandedInputs) {
  const at::Tensor row = at::randn({1, 3}, at::kDouble).expand({4, 3}).detach().requires_grad_();
  EXPECT_THAT(autograd_function<Scale>(row, 2.0), GradientsMatch());
}

struct Throws : Function<Throws> {
  static at::Tensor forward(AutogradContext*, at::Tensor) {
    throw std::runtime_error("no kernel for odd sizes");
  }
  static variable_list backward(AutogradContext*, variable_list grad) { return grad; }
};

TEST(AutogradFunction, PassesOnWhatAFunctionThrows) {
  const CaseResult result = check(autograd_function<Throws>(leaf()));
  EXPECT_EQ(result.verdict, Verdict::error);
  EXPECT_THAT(result.message, HasSubstr("no kernel for odd sizes"));
}

struct OneGradientForTwo : Function<OneGradientForTwo> {
  static at::Tensor forward(AutogradContext*, at::Tensor x, at::Tensor y) { return x + y; }
  static variable_list backward(AutogradContext*, variable_list grad) { return {grad[0]}; }
};
struct GradientForANumber : Function<GradientForANumber> {
  static at::Tensor forward(AutogradContext*, at::Tensor x, double y) { return x * y; }
  static variable_list backward(AutogradContext*, variable_list grad) { return {grad[0], grad[0]}; }
};
struct WrongShape : Function<WrongShape> {
  static at::Tensor forward(AutogradContext*, at::Tensor x, at::Tensor bias) { return x + bias; }
  static variable_list backward(AutogradContext*, variable_list grad) {
    return {grad[0], at::cat({grad[0], grad[0]})};
  }
};

TEST(AutogradFunction, SaysThatTheNumberOrShapeOfGradientsIsWrong) {
  EXPECT_THAT(text_of(check(autograd_function<OneGradientForTwo>(leaf(), leaf()))),
              HasSubstr("error[missing-gradient]: gradient_check::OneGradientForTwo::backward "
                        "returns 1 gradients for 2 arguments"));
  EXPECT_THAT(text_of(check(autograd_function<GradientForANumber>(leaf(), 2.0))),
              HasSubstr("returns a gradient for argument 1, which is no tensor"));
  EXPECT_THAT(text_of(check(autograd_function<WrongShape>(leaf(), leaf()).named({"x", "bias"}))),
              HasSubstr("error[shape-mismatch]: the gradient of bias has shape [6, 2]; bias has "
                        "shape [3, 2]"));
}

/// x y and x + y
struct TwoOutputs : Function<TwoOutputs> {
  static variable_list forward(AutogradContext* ctx, at::Tensor x, at::Tensor y) {
    ctx->save_for_backward({x, y});
    return {x * y, x + y};
  }
  static variable_list backward(AutogradContext* ctx, variable_list grad) {
    const auto saved = ctx->get_saved_variables();
    return {grad[0] * saved[1] + grad[1], grad[0] * saved[0] + grad[1]};
  }
};
struct TwoOutputsOneForgotten : Function<TwoOutputsOneForgotten> {
  static variable_list forward(AutogradContext* ctx, at::Tensor x, at::Tensor y) {
    return TwoOutputs::forward(ctx, x, y);
  }
  static variable_list backward(AutogradContext* ctx, variable_list grad) {
    const auto saved = ctx->get_saved_variables();
    return {grad[0] * saved[1] + grad[1], grad[0] * saved[0]};
  }
};
struct MindsUndefined : Function<MindsUndefined> {
  static variable_list forward(AutogradContext* ctx, at::Tensor x) {
    ctx->set_materialize_grads(false);
    return {x * 2, x * 3};
  }
  static variable_list backward(AutogradContext*, variable_list grad) {
    return {2 * grad[0] + 3 * grad[1]};
  }
};
struct OnesForUndefined : Function<OnesForUndefined> {
  static at::Tensor forward(AutogradContext* ctx, at::Tensor x) {
    ctx->set_materialize_grads(false);
    return x * 2;
  }
  static variable_list backward(AutogradContext*, variable_list grad) {
    return {grad[0].defined() ? 2 * grad[0] : at::ones({3, 2}, at::kDouble)};
  }
};

TEST(AutogradFunction, TakesSeveralOutputs) {
  EXPECT_THAT(autograd_function<TwoOutputs>(leaf(), leaf()), GradientsMatch());
  const CaseResult wrong = check(autograd_function<TwoOutputsOneForgotten>(leaf(), leaf()));
  ASSERT_EQ(wrong.gradients.size(), 2u);
  EXPECT_EQ(wrong.gradients[0].verdict, TensorVerdict::match);
  EXPECT_EQ(wrong.gradients[1].wrong, Wrong::manual);
}

TEST(AutogradFunction, ChecksUndefinedGradients) {
  EXPECT_THAT(
      text_of(check(autograd_function<MindsUndefined>(leaf()))),
      HasSubstr("error[grad-output-ignored]: gradient_check::MindsUndefined::backward throws"));
  EXPECT_THAT(text_of(check(autograd_function<OnesForUndefined>(leaf()))),
              HasSubstr("returns a gradient that is not zero where the gradient of its output is "
                        "undefined"));
}

struct ForgetsATensor : Function<ForgetsATensor> {
  static at::Tensor forward(AutogradContext*, at::Tensor x, at::Tensor y) { return x * 2 + y; }
  static variable_list backward(AutogradContext*, variable_list grad) {
    return {2 * grad[0], at::Tensor()};
  }
};

TEST(AutogradFunction, AnUndefinedGradientIsMissingWhereTheTensorMovesTheOutput) {
  EXPECT_THAT(text_of(check(autograd_function<ForgetsATensor>(leaf(), leaf()).named({"x", "y"}))),
              HasSubstr("error[missing-gradient]: the manual code returns no gradient for y"));
  EXPECT_THAT(autograd_function<ForgetsATensor>(leaf(), at::randn({3, 2}, at::kDouble)),
              GradientsMatch());
}

/// A kernel that LibTorch cannot look into: exp of x, in a loop over memory.
at::Tensor exp_kernel(const at::Tensor& x) {
  at::Tensor y = x.detach().to(at::kDouble).clone().contiguous();
  auto* data = y.data_ptr<double>();
  for (std::int64_t i = 0; i < y.numel(); ++i) data[i] = std::exp(data[i]);
  return y.to(x.scalar_type());
}
struct Kernel : Function<Kernel> {
  static at::Tensor forward(AutogradContext* ctx, at::Tensor x) {
    const at::Tensor y = exp_kernel(x);
    ctx->save_for_backward({y});
    return y;
  }
  static variable_list backward(AutogradContext* ctx, variable_list grad) {
    return {grad[0] * ctx->get_saved_variables()[0]};
  }
};
struct PartlyKernel : Function<PartlyKernel> {
  static at::Tensor forward(AutogradContext* ctx, at::Tensor x) {
    ctx->save_for_backward({x});
    return exp_kernel(x) + x;
  }
  static variable_list backward(AutogradContext* ctx, variable_list grad) {
    return {grad[0] * (ctx->get_saved_variables()[0].exp() + 1)};
  }
};
struct WrongKernel : Function<WrongKernel> {
  static at::Tensor forward(AutogradContext* ctx, at::Tensor x) { return Kernel::forward(ctx, x); }
  static variable_list backward(AutogradContext* ctx, variable_list grad) {
    return {grad[0] * ctx->get_saved_variables()[0] * 1.001};
  }
};

TEST(AutogradFunction, ChecksAKernelThatLibTorchCannotDifferentiate) {
  EXPECT_THAT(autograd_function<Kernel>(leaf()), GradientsMatch());
  EXPECT_THAT(autograd_function<PartlyKernel>(leaf()), GradientsMatch());
  EXPECT_THAT(autograd_function<WrongKernel>(leaf()), Not(GradientsMatch()));
  EXPECT_EQ(check(autograd_function<WrongKernel>(leaf())).verdict, Verdict::fail);
}

/// x becomes 2 x.
struct Doubles : Function<Doubles> {
  static at::Tensor forward(AutogradContext* ctx, at::Tensor x) {
    x.mul_(2);
    ctx->mark_dirty({x});
    return x;
  }
  static variable_list backward(AutogradContext*, variable_list grad) { return {2 * grad[0]}; }
};
/// (2 x, x y), the first in place.
struct DoublesAndMultiplies : Function<DoublesAndMultiplies> {
  static variable_list forward(AutogradContext* ctx, at::Tensor x, at::Tensor y) {
    ctx->save_for_backward({x.clone(), y});
    const at::Tensor product = x * y;
    x.mul_(2);
    ctx->mark_dirty({x});
    return {x, product};
  }
  static variable_list backward(AutogradContext* ctx, variable_list grad) {
    const auto saved = ctx->get_saved_variables();
    return {2 * grad[0] + grad[1] * saved[1], grad[1] * saved[0]};
  }
};
/// Writes into an argument that it does not return.
struct WritesUndeclared : Function<WritesUndeclared> {
  static at::Tensor forward(AutogradContext*, at::Tensor x, at::Tensor counter) {
    counter.add_(1);
    return x * 2;
  }
  static variable_list backward(AutogradContext*, variable_list grad) {
    return {2 * grad[0], at::Tensor()};
  }
};

TEST(AutogradFunction, ChecksAFunctionThatWorksInPlaceOnCopies) {
  const at::Tensor x = leaf(), before = x.detach().clone();
  EXPECT_THAT(autograd_function<Doubles>(x), GradientsMatch());
  EXPECT_THAT(autograd_function<DoublesAndMultiplies>(x, leaf()), GradientsMatch());
  EXPECT_TRUE(x.equal(before));
  const at::Tensor counter = at::zeros_like(before);
  EXPECT_THAT(text_of(check(autograd_function<WritesUndeclared>(x, counter).named({"x", "n"}))),
              HasSubstr("error[mutates-input]: the forward changes n in place"));
  EXPECT_TRUE(counter.eq(0).all().item<bool>());
}

/// x + ⌊y⌋
struct AddsFloor : Function<AddsFloor> {
  static at::Tensor forward(AutogradContext*, at::Tensor x, at::Tensor y) { return x + y.floor(); }
  static variable_list backward(AutogradContext*, variable_list grad) {
    return {grad[0], at::Tensor()};
  }
};

TEST(AutogradFunction, NoGradientIsRightWhereItIsZero) {
  EXPECT_THAT(autograd_function<AddsFloor>(leaf(), leaf()), GradientsMatch());
}

/// x w + b, or without b
template <int BiasFactor>
struct Affine : Function<Affine<BiasFactor>> {
  static at::Tensor forward(AutogradContext* ctx, at::Tensor x, at::Tensor w,
                            c10::optional<at::Tensor> bias) {
    ctx->save_for_backward({x, w});
    const at::Tensor y = x.matmul(w);
    return bias.has_value() ? y + *bias : y;
  }
  static variable_list backward(AutogradContext* ctx, variable_list grad) {
    const auto saved = ctx->get_saved_variables();
    return {grad[0].matmul(saved[1].t()), saved[0].t().matmul(grad[0]),
            ctx->needs_input_grad(2) ? BiasFactor * grad[0].sum(0) : at::Tensor()};
  }
};

TEST(AutogradFunction, ChecksTensorsInOptionalArguments) {
  using Optional = c10::optional<at::Tensor>;
  for (const at::ScalarType dtype : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16}) {
    const at::Tensor x = leaf({4, 3}, dtype), w = leaf({3, 2}, dtype), bias = leaf({2}, dtype);
    EXPECT_THAT(autograd_function<Affine<1>>(x, w, Optional(bias)), GradientsMatch()) << dtype;
    const CaseResult wrong =
        check(autograd_function<Affine<2>>(x, w, Optional(bias)).named({"x", "w", "bias"}));
    ASSERT_EQ(wrong.gradients.size(), 3u) << wrong;
    EXPECT_EQ(wrong.gradients[2].name, "bias");
    EXPECT_EQ(wrong.gradients[2].wrong, Wrong::manual);
  }
}

struct WrongShapeOfSecond : Function<WrongShapeOfSecond> {
  static at::Tensor forward(AutogradContext*, double factor, at::Tensor x, at::Tensor y) {
    return factor * x + y;
  }
  static variable_list backward(AutogradContext*, variable_list grad) {
    return {at::Tensor(), at::cat({grad[0], grad[0]}), grad[0]};
  }
};

TEST(AutogradFunction, NamesTheRightArgument) {
  EXPECT_THAT(
      text_of(check(autograd_function<WrongShapeOfSecond>(2.0, leaf(), leaf()).named({"x"}))),
      HasSubstr("the gradient of x has shape [6, 2]"));
  EXPECT_THROW(autograd_function<OneGradientForTwo>(leaf(), leaf()).named({"y", "y"}),
               std::invalid_argument);
}

struct DropsAllForOneUndefined : Function<DropsAllForOneUndefined> {
  static variable_list forward(AutogradContext* ctx, at::Tensor x) {
    ctx->set_materialize_grads(false);
    return {x * 2, x * 3};
  }
  static variable_list backward(AutogradContext*, variable_list grad) {
    if (!grad[0].defined() || !grad[1].defined()) return {at::Tensor()};
    return {2 * grad[0] + 3 * grad[1]};
  }
};
struct RootAtZero : Function<RootAtZero> {
  static at::Tensor forward(AutogradContext* ctx, at::Tensor x) {
    ctx->save_for_backward({x});
    return x.sqrt();
  }
  static variable_list backward(AutogradContext* ctx, variable_list grad) {
    return {grad[0] / (2 * ctx->get_saved_variables()[0].sqrt())};
  }
};

TEST(AutogradFunction, HoldsUndefinedGradientsAgainstZeros) {
  EXPECT_THAT(text_of(check(autograd_function<DropsAllForOneUndefined>(leaf()))),
              HasSubstr("does not return what zeros give where the gradient of output 0"));
  // 0 · ∞ is no gradient of an undefined one.
  const auto root = autograd_function<RootAtZero>(at::zeros({2}, at::kDouble).requires_grad_());
  EXPECT_THAT(text_of(check(root)), Not(HasSubstr("grad-output-ignored")));
}

/// A complex and a real output.
struct ValueAndSize : Function<ValueAndSize> {
  static variable_list forward(AutogradContext* ctx, at::Tensor z) {
    ctx->save_for_backward({z});
    return {z * 2, z.abs()};
  }
  static variable_list backward(AutogradContext* ctx, variable_list grad) {
    const at::Tensor z = ctx->get_saved_variables()[0];
    return {grad[0] * 2 + grad[1] * z / z.abs()};
  }
};

TEST(AutogradFunction, TakesComplexAndRealOutputsTogether) {
  EXPECT_THAT(autograd_function<ValueAndSize>(leaf({3}, at::kComplexDouble)), GradientsMatch());
}

/// tanh in float16 too, where a processor's LibTorch may lack it.
struct Tanh : Function<Tanh> {
  static at::Tensor forward(AutogradContext* ctx, at::Tensor x) {
    const at::Tensor y = x.matmul(x.t()).tanh();
    ctx->save_for_backward({x, y});
    return y;
  }
  static variable_list backward(AutogradContext* ctx, variable_list grad) {
    const auto saved = ctx->get_saved_variables();
    const at::Tensor d = grad[0] * (1 - saved[1] * saved[1]);
    return {(d + d.t()).matmul(saved[0])};
  }
};

TEST(AutogradFunction, TakesNarrowOperatorsThatTheProcessorLacks) {
  for (const at::ScalarType dtype : {at::kHalf, at::kBFloat16})
    EXPECT_THAT(autograd_function<Tanh>(leaf({3, 2}, dtype)), GradientsMatch()) << dtype;
}

struct KernelThatWritesIntoGradOutput : Function<KernelThatWritesIntoGradOutput> {
  static at::Tensor forward(AutogradContext* ctx, at::Tensor x) { return Kernel::forward(ctx, x); }
  static variable_list backward(AutogradContext* ctx, variable_list grad) {
    return {grad[0].mul_(ctx->get_saved_variables()[0])};
  }
};
struct KernelThatDiffers : Function<KernelThatDiffers> {
  static at::Tensor forward(AutogradContext* ctx, at::Tensor x) { return Kernel::forward(ctx, x); }
  static variable_list backward(AutogradContext* ctx, variable_list grad) {
    static int calls = 0;
    return {grad[0] * ctx->get_saved_variables()[0] * (1 + 1e-12 * ++calls)};
  }
};

TEST(AutogradFunction, HoldsAKernelsBackwardToTheSameRules) {
  EXPECT_THAT(text_of(check(autograd_function<KernelThatWritesIntoGradOutput>(leaf()))),
              HasSubstr("error[mutates-input]"));
  EXPECT_THAT(text_of(check(autograd_function<KernelThatDiffers>(leaf()))),
              HasSubstr("error[nondeterministic]"));
  EXPECT_EQ(check(autograd_function<WrongKernel>(leaf())).gradients[0].wrong, Wrong::manual);
}

TEST(AutogradFunction, ExplainsUnderNot) {
  testing::StringMatchResultListener listener;
  const testing::Matcher<AutogradFunction> matcher = Not(GradientsMatch());
  EXPECT_FALSE(matcher.MatchAndExplain(autograd_function<Scale>(leaf(), 3.0), &listener));
  EXPECT_THAT(testing::DescribeMatcher<AutogradFunction>(matcher), "has wrong gradients");
}

TEST(AutogradFunction, AResultPrintsItselfAndConvertsToJson) {
  const CaseResult result = check(autograd_function<AddsToTheGradient>(leaf()).named({"x"}));
  std::ostringstream stream;
  stream << result;
  EXPECT_EQ(stream.str(), to_text(result));
  EXPECT_EQ(to_json(result)["gradients"][0]["name"], "x");
}

}  // namespace
}  // namespace gradient_check

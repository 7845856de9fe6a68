#include <ATen/TensorOperators.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "gradient_check/diagnosis/blame/factor_text.h"
#include "gradient_check/diagnosis/blame/monomial.h"
#include "gradient_check/diagnosis/blame/numpy_spelling.h"
#include "gradient_check/diagnosis/blame/pairing.h"
#include "gradient_check/diagnosis/blame/search.h"

namespace gradient_check {
namespace {

/// Elements above which variables are not tried one after another.
constexpr std::int64_t largest_repaired = 2'000'000;

/// Explains the goal's value as a whole, numerically. See find_whole_repair.
class WholeRepair {
 public:
  WholeRepair(const Suspects& suspects, Trial& trial)
      : s_(suspects),
        trial_(trial),
        write_(s_.manual.writes[s_.chain.back()]),
        value_(write_.value),
        truth_(s_.truth.tensor) {}

  std::optional<Repair> run() {
    if (!value_.defined()) return std::nullopt;
    const bool is_smaller = value_.sizes() != truth_.sizes() && value_.numel() > 1 &&
                            value_.dim() == truth_.dim() &&
                            broadcasts(value_.sizes(), truth_.sizes());
    if (value_.sizes() != truth_.sizes() && !is_smaller) return other_shape();
    // What an augmented assignment adds is not what the variable holds.
    const bool adds = write_.statement && write_.statement->kind == StatementKind::augment;
    if (!is_smaller) {
      if (!adds)
        if (auto repair = constant_factor()) return repair;
      if (adds)
        if (auto repair = scaled_where_returned()) return repair;
      if (!adds)
        if (auto repair = transposed()) return repair;
      if (truth_.numel() < 2) return std::nullopt;
      if (auto repair = share()) return repair;
    }
    if (truth_.numel() > largest_repaired) return std::nullopt;
    const Environment visible = visible_before();
    const std::vector<std::string> functions = s_.program.unary_functions();
    const EditContext context{
        s_.program.text(), visible, truth_.sizes(), functions, none_, nullptr, s_.program.arrays()};
    if (!adds)
      if (auto repair = factor(context)) return repair;
    return term(context);
  }

 private:
  bool is_right(const at::Tensor& value) const {
    return relative_difference(value, truth_) <= s_.tolerance;
  }

  std::string spelled(const std::string& text) const {
    return s_.program.arrays() ? numpy_spelling(text) : text;
  }

  std::string text_of(const Expr& expression) const {
    return s_.program.text().substr(expression.span.begin,
                                    expression.span.end - expression.span.begin);
  }

  Environment visible_before() const { return trial_.visible_before(s_.chain.back()); }

  /// A repair that writes `prefix` before and `suffix` behind the goal's expression.
  Repair around(Change change, double cost, const std::string& prefix, const std::string& suffix,
                bool parentheses = true) const {
    Repair repair;
    repair.change = change;
    repair.cost = cost;
    repair.write = s_.chain.back();
    const Expr* expression = expression_of(write_);
    if (!expression) return repair;
    const bool wrap = parentheses && needs_parentheses(*expression, suffix);
    repair.before = text_of(*expression);
    Edit before, after;
    before.span = {expression->span.begin, expression->span.begin};
    before.replacement = prefix + (wrap ? "(" : "");
    after.span = {expression->span.end, expression->span.end};
    after.replacement = (wrap ? ")" : "") + spelled(suffix);
    if (!before.replacement.empty()) repair.edits.push_back(before);
    if (!after.replacement.empty()) repair.edits.push_back(after);
    return repair;
  }

  /// Whether a product or a method call behind the expression would take only its last part.
  static bool needs_parentheses(const Expr& expression, const std::string& suffix) {
    if (expression.is(ExprKind::binary)) {
      const bool product =
          expression.text == "*" || expression.text == "@" || expression.text == "/";
      return !product || (!suffix.empty() && suffix[0] == '.');
    }
    return expression.is(ExprKind::unary) || expression.is(ExprKind::ternary);
  }

  std::optional<Repair> constant_factor() {
    const double factor = proportion(value_, truth_, s_.tolerance);
    if (factor == 0) return std::nullopt;
    if (std::abs(factor + 1) <= s_.tolerance) {
      Repair repair = around(Change::sign, 1.2, "-", "");
      repair.factor = -1;
      return repair;
    }
    const Expr* expression = expression_of(write_);
    FactorText text =
        explain_factor(factor, with_constants(trial_.environment(), s_.program.text()),
                       expression ? names_in(*expression) : none_);
    if (truth_.numel() < 2 && text.multiply.empty()) return std::nullopt;
    const bool told = !text.multiply.empty();
    Repair repair = around(Change::scale, told ? 2.2 : 3.5, factor < 0 ? "-" : "", text.multiply);
    if (!told) repair.edits.clear();
    text.multiply = spelled(text.multiply);
    repair.factor = factor;
    repair.factor_text = std::move(text);
    return repair;
  }

  /// A constant factor of what was last added to: where it is returned.
  std::optional<Repair> scaled_where_returned() {
    const double factor = proportion(value_, truth_, s_.tolerance);
    if (factor == 0 || std::abs(factor + 1) <= s_.tolerance) return std::nullopt;
    for (const auto& [name, entry] : s_.manual.entries) {
      const Write& returned = s_.manual.writes[entry];
      if (entry == s_.chain.back() || !returned.expression ||
          aliased_write(s_.manual, entry) != s_.chain.back())
        continue;
      FactorText text =
          explain_factor(factor, with_constants(trial_.environment(), s_.program.text()), none_);
      if (text.multiply.empty()) return std::nullopt;
      text.multiply = spelled(text.multiply);
      Repair repair;
      repair.change = Change::scale;
      repair.cost = 2.3;
      repair.write = entry;
      repair.before = text_of(*returned.expression);
      Edit edit;
      edit.span = {returned.expression->span.end, returned.expression->span.end};
      edit.replacement = text.multiply;
      repair.edits.push_back(std::move(edit));
      repair.factor = factor;
      repair.factor_text = std::move(text);
      return repair;
    }
    return std::nullopt;
  }

  std::optional<Repair> transposed() const {
    if (value_.dim() < 2 || !is_right(value_.transpose(-2, -1))) return std::nullopt;
    return around(Change::transpose, 2.5, "", value_.dim() == 2 ? ".t()" : ".transpose(-2, -1)");
  }

  std::optional<Repair> other_shape() const {
    const at::Tensor value = value_.to(at::kDouble);
    if (value.dim() == truth_.dim() && value.dim() >= 2 && is_right(value.transpose(-2, -1)))
      return around(Change::transpose, 1, "", value_.dim() == 2 ? ".t()" : ".transpose(-2, -1)");
    if (value.numel() == truth_.numel() && is_right(value.reshape(truth_.sizes())))
      return std::nullopt;
    std::vector<std::int64_t> dims;
    std::int64_t summed = 1;
    const auto extra = value.dim() - truth_.dim();
    for (std::int64_t d = 0; d < value.dim(); ++d) {
      const bool added = d < extra;
      if (added || (truth_.size(d - extra) == 1 && value.size(d) > 1)) dims.push_back(d);
      if (!dims.empty() && dims.back() == d) summed *= value.size(d);
    }
    if (extra < 0 || summed <= 1) return std::nullopt;
    const at::Tensor sum = value.sum(dims, extra == 0);
    if (sum.sizes() != truth_.sizes() || !is_right(sum)) return std::nullopt;
    const std::string arguments =
        dims.size() == 1 ? std::to_string(dims[0]) : fmt::format("[{}]", fmt::join(dims, ", "));
    Repair repair =
        around(Change::reduction, 0.5, "",
               fmt::format(".sum({}{})", arguments, extra == 0 ? ", keepdim=True" : ""));
    repair.after = fmt::format("sum({})", arguments);
    return repair;
  }

  /// Right but for what one use of the variable contributes.
  std::optional<Repair> share() {
    const at::Tensor difference = truth_ - value_;
    for (const KnownValue& known : s_.known) {
      if (known.kind != ValueKind::share || known.tensor.sizes() != truth_.sizes()) continue;
      if (s_.truth.name.empty() || known.text != s_.truth.name) continue;
      if (relative_difference(known.tensor, difference) > 1e-7) continue;
      Repair repair;
      repair.change = Change::missing_term;
      repair.cost = 2.7;
      repair.write = s_.chain.back();
      repair.missing_line = known.line;
      repair.missing_text = known.consumer;
      for (const std::string& name : tensors_of_shape(visible_before(), truth_.sizes()))
        if (relative_difference(trial_.environment().at(name).toTensor(), difference) <= 1e-9) {
          Repair with_text = around(Change::missing_term, 2.7, "", " + " + name, false);
          repair.edits = with_text.edits;
          repair.after = name;
          break;
        }
      return repair;
    }
    return std::nullopt;
  }

  /// Variables, and slopes made of them, that broadcast to the goal's shape.
  std::vector<NamedValue> operands(const EditContext& context, bool slopes) {
    std::vector<NamedValue> found;
    for (const std::string& text : factors_in(context)) {
      const auto variable = context.environment.find(text);
      if (variable == context.environment.end() && !slopes) continue;
      const at::Tensor value = variable != context.environment.end() ? variable->second.toTensor()
                                                                     : trial_.evaluate(text);
      if (value.defined() && value.numel() > 1 && broadcasts(value.sizes(), truth_.sizes()))
        found.emplace_back(text, value);
    }
    return found;
  }

  /// Right but for a factor that the variables make: value · m = truth.
  std::optional<Repair> factor(const EditContext& context) {
    const std::vector<NamedValue> variables = operands(context, true);
    for (const auto& [text, factor] : variables) {
      if (is_right(value_ * factor)) return with_factor(2.8, " * ", text);
      if (is_right(value_ / factor)) return with_factor(2.9, " / ", text);
    }
    if (auto repair = known_factor()) return repair;
    const at::Tensor ratio = at::where(value_ == 0, at::zeros_like(value_), truth_ / value_);
    const auto monomial = find_monomial(ratio, variables, 2, s_.tolerance);
    if (!monomial || std::abs(monomial->constant - 1) > s_.tolerance || !is_right(value_ * ratio))
      return std::nullopt;
    const bool inverse = monomial->text.rfind("1 / ", 0) == 0;
    // Two factors behind the whole are less likely than one inside it.
    Repair repair = around(Change::missing_factor, monomial->factors > 1 ? 3.2 : 2.95, "",
                           inverse ? monomial->text.substr(1) : " * " + monomial->text);
    repair.after = monomial->text;
    return repair;
  }

  /// Right but for an adjoint or a slope that no variable holds.
  std::optional<Repair> known_factor() const {
    for (const KnownValue& known : s_.known) {
      if (known.kind == ValueKind::value || known.tensor.sizes() != truth_.sizes() ||
          is_mask(known.tensor) || !is_right(value_ * known.tensor))
        continue;
      Repair repair = around(Change::missing_factor, 2.95, "", "");
      repair.edits.clear();
      repair.after = known.kind == ValueKind::slope
                         ? fmt::format("∂({})/∂{}", known.text, known.consumer)
                         : fmt::format("∂loss/∂({})", known.text);
      return repair;
    }
    return std::nullopt;
  }

  /// Nothing but zeros and ones: it only says which elements are wrong.
  static bool is_mask(const at::Tensor& tensor) {
    return ((tensor == 0) + (tensor == 1)).all().item<bool>();
  }

  Repair with_factor(double cost, const std::string& op, const std::string& text) const {
    Repair repair = around(Change::missing_factor, cost, "", op + text);
    repair.after = (op == " / " ? "1 / " : "") + text;
    return repair;
  }

  /// Right but for a term that the variables make: value + c · m = truth, or a product of matrices.
  std::optional<Repair> term(const EditContext& context) {
    const at::Tensor difference = (truth_ - value_).to(at::kDouble);
    std::vector<NamedValue> variables = operands(context, false);
    if (const auto monomial = find_monomial(difference, variables, 3, 1e-7))
      if (auto repair = with_term(monomial->text, monomial->constant)) return repair;
    for (const auto& [text, product] : matrix_products(context))
      if (const double constant = proportion(difference, product, 1e-7); constant != 0)
        if (auto repair = with_term(text, constant)) return repair;
    return std::nullopt;
  }

  std::vector<NamedValue> matrix_products(const EditContext& context) const {
    std::vector<NamedValue> matrices, products;
    if (truth_.dim() != 2) return products;
    for (const auto& [name, value] : context.environment) {
      if (!value.isTensor() || !value.toTensor().defined() || value.toTensor().dim() != 2 ||
          value.toTensor().scalar_type() != truth_.scalar_type())
        continue;
      matrices.emplace_back(name, value.toTensor());
      matrices.emplace_back(name + ".t()", value.toTensor().t());
    }
    for (const auto& [left, a] : matrices)
      for (const auto& [right, b] : matrices)
        if (a.size(1) == b.size(0) && a.size(0) == truth_.size(0) && b.size(1) == truth_.size(1))
          products.emplace_back(left + " @ " + right, a.matmul(b).to(at::kDouble));
    return products;
  }

  std::optional<Repair> with_term(const std::string& text, double constant) {
    std::string scale;
    if (std::abs(std::abs(constant) - 1) > 1e-7) {
      scale = explain_factor(1 / constant, with_constants(trial_.environment(), s_.program.text()),
                             none_)
                  .multiply;
      if (scale.empty()) return std::nullopt;
    }
    const std::string term = text + scale;
    Repair repair =
        around(Change::missing_term, 3, "", (constant > 0 ? " + " : " - ") + term, false);
    repair.after = (constant > 0 ? "" : "-") + term;
    return repair;
  }

  const Suspects& s_;
  Trial& trial_;
  const Write& write_;
  const at::Tensor& value_;
  const at::Tensor& truth_;
  const std::vector<std::string> none_;
};

}  // namespace

std::optional<Repair> find_whole_repair(const Suspects& suspects, Trial& trial) {
  return WholeRepair(suspects, trial).run();
}

}  // namespace gradient_check

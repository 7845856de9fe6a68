#include <algorithm>

#include "diagnosis/mutations.h"
#include "diagnosis/operand.h"

namespace gradient_check {
namespace {

using Kind = ExprKind;
using Rules = std::set<std::string>;

/// Functions that only give an argument another shape, and those that make a tensor of a shape.
bool keeps_values(const std::string& name) {
  static const Rules names{"reshape",    "view",      "expand", "flatten", "unsqueeze",
                           "squeeze",    "permute",   "size",   "numel",   "dim",
                           "zeros_like", "ones_like", "zeros",  "ones",    "transpose",
                           "t",          "float",     "double", "to",      "clone"};
  return names.count(name) != 0;
}

bool is_integer(const Expr& expression) {
  return expression.is(Kind::number) &&
         expression.text.find_first_not_of("0123456789") == std::string::npos;
}

/// Functions that can be left out with one argument in their place.
bool is_slope_or_activation(const std::string& name) {
  static const Rules names{"relu", "clamp", "tanh",    "sigmoid",     "exp", "log",
                           "sqrt", "rsqrt", "softmax", "masked_fill", "gelu"};
  return names.count(name) != 0;
}

class Mutator {
 public:
  Mutator(const MutationSite& site, const std::string& text) : site_(site), text_(text) {}

  std::vector<Mutation> all() {
    whole();
    visit(*site_.value, "replace variable");
    return std::move(found_);
  }

 private:
  std::string text(const Expr& expression) const {
    return text_.substr(expression.span.begin, expression.span.end - expression.span.begin);
  }
  void add(const char* kind, Span span, std::string replacement, Rules rules) {
    Mutation mutation;
    mutation.kind = kind;
    mutation.span = span;
    mutation.replacement = std::move(replacement);
    mutation.rules = std::move(rules);
    found_.push_back(std::move(mutation));
  }

  void whole() {
    augment();
    if (!site_.is_whole) return;
    const std::string value = text(*site_.value);
    add("negate all", site_.value->span, "-(" + value + ")", {"sign-flipped"});
    add("double all", site_.value->span, "2 * (" + value + ")", {"wrong-scale"});
    add("halve all", site_.value->span, "0.5 * (" + value + ")", {"wrong-scale"});
  }

  /// x += y: subtracted, or put in place of what was there.
  void augment() {
    if (site_.statement->kind != StatementKind::augment || site_.statement->text != "+=") return;
    const std::size_t begin = text_.find("+=", site_.statement->targets[0].span.end);
    add("flip sign", {begin, begin + 2}, "-=", {"sign-flipped", "wrong-scale"});
    add("drop term", {begin, begin + 2}, "=", {"missing-term"});
  }

  void visit(const Expr& e, const char* name_kind) {
    switch (e.kind) {
      case Kind::name:
        return replace_name(e, name_kind);
      case Kind::binary:
        binary(e);
        for (const Expr& child : e.children) visit(child, "replace variable");
        return;
      case Kind::unary:
        if (e.text == "-" && is_integer(e.children[0]))  // a dimension: -1 becomes 1
          add("other dimension", e.span, text(e.children[0]), {"wrong-reduction", "sign-flipped"});
        else if (e.text == "-")
          add("flip sign", e.span, text(e.children[0]), {"sign-flipped", "wrong-scale"});
        return visit(e.children[0], "replace variable");
      case Kind::call:
        return call(e);
      case Kind::subscript:
        shift_index(e);
        return visit(e.children[0], "replace variable");
      case Kind::paren:
      case Kind::attribute:
        return visit(e.children[0], name_kind);
      case Kind::list:
      case Kind::tuple:
      case Kind::ternary:
        for (const Expr& child : e.children) visit(child, "replace variable");
        return;
      default:
        return;
    }
  }

  void binary(const Expr& e) {
    if (e.text == "+" || e.text == "-") sum(e);
    if (e.text == "*") product(e);
    if (e.text == "/") quotient(e);
    if (e.text == "@") matmul(e);
    if (e.text == "**")
      add("drop power", e.span, text(e.children[0]), {"missing-factor", "unexplained"});
  }

  void sum(const Expr& e) {
    const Expr &left = e.children[0], &right = e.children[1];
    const bool plus = e.text == "+";
    add("flip sign", e.op, plus ? "-" : "+", {"sign-flipped", "wrong-scale"});
    Rules missing{"missing-term"};
    if (is_guard(right)) missing.insert("guard-bias");
    // 1 - a² without its a² is a factor that is missing.
    Rules left_alone = missing;
    if (left.is(Kind::number)) left_alone.insert("missing-factor");
    add("drop term", e.span, text(left), left_alone);
    const bool is_leaf = !left.is(Kind::binary) || (left.text != "+" && left.text != "-");
    if (is_leaf) add("drop term", e.span, plus ? text(right) : "(-" + text(right) + ")", missing);
    if (!plus)
      add("swap operands", e.span, "(" + text(right) + " - (" + text(left) + "))",
          {"sign-flipped", "wrong-scale", "wrong-operand"});
  }

  void product(const Expr& e) {
    const Expr &left = e.children[0], &right = e.children[1];
    drop(e, right, text(left));
    if (!left.is(Kind::binary) || left.text != "*") drop(e, left, text(right));
    repeat(e, right, " * ");
    if (!left.is(Kind::binary) || left.text != "*") repeat(e, left, " * ");
  }

  void quotient(const Expr& e) {
    const Expr &left = e.children[0], &right = e.children[1];
    drop(e, right, text(left));
    repeat(e, right, " / ");
    add("swap operands", e.span, "(" + text(right) + " / (" + text(left) + "))",
        {"wrong-operand", "wrong-scale", "wrong-reduction"});
  }

  void drop(const Expr& e, const Expr& factor, const std::string& rest) {
    const Operand operand = operand_kind(factor, site_.visible, site_.shapes_known);
    add(operand == Operand::tensor ? "drop factor" : "drop number", e.span, rest,
        rules_of_missing(operand));
  }
  void repeat(const Expr& e, const Expr& factor, const char* op) {
    const Operand operand = operand_kind(factor, site_.visible, site_.shapes_known);
    add(operand == Operand::tensor ? "repeat factor" : "repeat number", e.span,
        "(" + text(e) + op + text(factor) + ")", rules_of_extra(operand));
  }

  void matmul(const Expr& e) {
    add("swap operands", e.span, "(" + text(e.children[1]) + " @ (" + text(e.children[0]) + "))",
        {"wrong-operand", "transposed"});
    for (const Expr& operand : e.children) {
      if (!operand.is(Kind::name)) continue;
      const auto seen = site_.visible.find(operand.text);
      if (seen == site_.visible.end() || seen->second.size() < 2) continue;
      const auto& sizes = seen->second;
      if (sizes[sizes.size() - 1] == sizes[sizes.size() - 2])
        add("add transpose", operand.span, operand.text + ".transpose(-2, -1)", {"transposed"});
    }
  }

  void call(const Expr& e) {
    const CallParts parts = call_parts(e);
    if (parts.name == "sum" || parts.name == "mean") reduction(e, parts);
    if (parts.name == "softmax" && parts.dimension)
      other_dimension(*parts.dimension, {"wrong-reduction", "unexplained"});
    if ((parts.name == "t" || parts.name == "transpose") && parts.operand)
      add("drop transpose", e.span, text(*parts.operand), {"transposed"});
    if (parts.name == "size") other_size(e);
    const bool own = e.children[0].is(Kind::name);
    if (parts.operand && (is_slope_or_activation(parts.name) || (own && e.children.size() <= 3)))
      add("drop function", e.span, "(" + text(*parts.operand) + ")",
          {"missing-factor", "unexplained", "wrong-operand"});
    const bool nonlinear = own || is_slope_or_activation(parts.name);
    if (parts.operand) visit(*parts.operand, nonlinear ? "other argument" : "replace variable");
    if (keeps_values(parts.name)) return;
    for (const Expr* argument : parts.others)
      visit(*argument, nonlinear ? "other argument" : "replace variable");
  }

  void reduction(const Expr& e, const CallParts& parts) {
    const bool sum = parts.name == "sum";
    add(sum ? "sum to mean" : "mean to sum", e.children[0].op, sum ? "mean" : "sum",
        {"wrong-reduction", "wrong-scale"});
    if (parts.dimension) other_dimension(*parts.dimension, {"wrong-reduction"});
    if (parts.operand)
      add("drop reduction", e.span, "(" + text(*parts.operand) + ")", {"wrong-reduction"});
  }

  void other_dimension(const Expr& dimension, const Rules& rules) {
    const char* kind = "other dimension";
    if (dimension.is(Kind::number))
      add(kind, dimension.span,
          dimension.text == "0" ? "1" : std::to_string(std::stoi(dimension.text) - 1), rules);
    if (dimension.is(Kind::unary)) add(kind, dimension.span, "-2", rules);
    if (!dimension.is(Kind::list) || dimension.children.size() < 2) return;
    for (std::size_t skipped = 0; skipped < dimension.children.size(); ++skipped) {
      std::string list;
      for (std::size_t i = 0; i < dimension.children.size(); ++i)
        if (i != skipped) list += (list.empty() ? "" : ", ") + text(dimension.children[i]);
      add(kind, dimension.span, "[" + list + "]", rules);
    }
  }

  void other_size(const Expr& e) {
    if (e.children.size() != 2 || !e.children[1].is(Kind::number)) return;
    add("other size", e.children[1].span,
        e.children[1].text == "0" ? "1" : std::to_string(std::stoi(e.children[1].text) - 1),
        {"wrong-scale", "wrong-reduction", "shape-mismatch", "wrong-elements"});
  }

  void shift_index(const Expr& e) {
    for (std::size_t i = 1; i < e.children.size(); ++i) {
      const Expr& index = e.children[i];
      const Rules rules{"wrong-operand", "wrong-elements"};
      if (index.is(Kind::number)) {
        add("shift index", index.span, std::to_string(std::stoi(index.text) + 1), rules);
        if (index.text != "0")
          add("shift index", index.span, std::to_string(std::stoi(index.text) - 1), rules);
      } else if (index.is(Kind::name) || index.is(Kind::binary)) {
        add("shift index", index.span, text(index) + " + 1", rules);
        add("shift index", index.span, text(index) + " - 1", rules);
      }
    }
  }

  /// At most two other variables of that shape, chosen by the place.
  void replace_name(const Expr& e, const char* kind) {
    const auto own = site_.visible.find(e.text);
    if (own == site_.visible.end()) return;
    std::vector<std::string> others;
    for (const auto& [name, sizes] : site_.visible)
      if (name != e.text && sizes == own->second) others.push_back(name);
    Rules rules{"wrong-operand"};
    const bool bare_entry = site_.is_entry && site_.value->is(Kind::name);
    for (std::size_t i = 0; i < std::min<std::size_t>(2, others.size()); ++i) {
      const std::string& other = others[(e.span.begin + i) % others.size()];
      Rules allowed = rules;
      if (bare_entry || (site_.returned.count(e.text) && site_.returned.count(other)))
        allowed.insert("swapped-gradients");
      add(kind, e.span, other, allowed);
    }
  }

  const MutationSite& site_;
  const std::string& text_;
  std::vector<Mutation> found_;
};

}  // namespace

std::vector<Mutation> mutations_at(const MutationSite& site, const std::string& text) {
  return Mutator(site, text).all();
}

}  // namespace gradient_check

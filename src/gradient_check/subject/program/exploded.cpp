#include "gradient_check/subject/program/exploded.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "gradient_check/subject/program/tokens.h"

namespace gradient_check {
namespace {

using Kind = Expr::Kind;

class Exploder {
 public:
  Exploder(const std::string& text, const Environment& environment,
           const std::vector<FunctionSyntax>& functions)
      : text_(text), environment_(environment), functions_(functions) {}

  std::string visit(const Expr& expr) {
    switch (expr.kind) {
      case Kind::name:
        return use(expr);
      case Kind::paren:
        return expr.children[0].is(Kind::tuple) ? raw(expr) : visit(expr.children[0]);
      case Kind::binary:
        return binary(expr);
      case Kind::unary:
        return expr.text == "not" ? raw(expr) : part(expr, expr.text + visit(expr.children[0]));
      case Kind::attribute:
        return expr.text == "T" || expr.text == "mT"
                   ? part(expr, visit(expr.children[0]) + "." + expr.text)
                   : raw(expr);
      case Kind::call:
        return call(expr);
      case Kind::subscript:
        return subscript(expr);
      default:
        return raw(expr);
    }
  }

  std::vector<ExplodedPart> parts;

 private:
  /// What the variables of the function that is taken apart are called, and those of its caller.
  using Scope = std::map<std::string, std::string>;

  std::string text_of(const Expr& expr) const {
    return text_.substr(expr.span.begin, expr.span.end - expr.span.begin);
  }

  /// As it is written, but for the names of variables.
  std::string raw(const Expr& expr) const { return renamed(text_of(expr)); }

  std::string renamed(const std::string& text) const {
    if (!scope_) return text;
    std::string result;
    std::size_t end = 0;
    const std::vector<Token> tokens = tokenize(text);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const auto found = scope_->find(tokens[i].text);
      const bool is_member = i > 0 && tokens[i - 1].text == ".";
      const bool is_keyword = i + 1 < tokens.size() && tokens[i + 1].text == "=";
      if (tokens[i].kind != Token::Kind::name || found == scope_->end() || is_member || is_keyword)
        continue;
      result += text.substr(end, tokens[i].span.begin - end) + found->second;
      end = tokens[i].span.end;
    }
    return result + text.substr(end);
  }

  std::string part(const Expr& expr, std::string code) {
    return part(text_of(expr), std::move(code));
  }

  std::string part(std::string text, std::string code, bool is_inner = false) {
    const std::string name = fmt::format("__v{}", parts.size());
    parts.push_back({name, std::move(text), false, std::move(code), is_inner});
    return name;
  }

  std::string use(const Expr& expr) {
    if (scope_) {
      const auto inner = scope_->find(expr.text);
      return inner == scope_->end() ? expr.text : inner->second;
    }
    const auto found = environment_.find(expr.text);
    if (found == environment_.end() || !found->second.isTensor()) return expr.text;
    const at::Tensor& tensor = found->second.toTensor();
    if (!tensor.defined() || !tensor.requires_grad()) return expr.text;
    const std::string name = fmt::format("__v{}", parts.size());
    parts.push_back({name, expr.text, true, fmt::format("{0}.view_as({0})", expr.text), false});
    return name;
  }

  std::string binary(const Expr& expr) {
    static const std::set<std::string> arithmetic{"+", "-", "*", "/", "@", "**"};
    if (!arithmetic.count(expr.text)) return raw(expr);
    const std::string left = visit(expr.children[0]), right = visit(expr.children[1]);
    return part(expr, fmt::format("({}) {} ({})", left, expr.text, right));
  }

  bool is_variable(const Expr& expr) const {
    const Expr* at = &expr;
    while (at->is(Kind::attribute)) at = &at->children[0];
    if (!at->is(Kind::name)) return true;
    return scope_ ? scope_->count(at->text) != 0 : environment_.count(at->text) != 0;
  }

  std::string call(const Expr& expr) {
    const Expr& callee = expr.children[0];
    if (const FunctionSyntax* function = own_function(expr)) return inlined(expr, *function);
    std::string code;
    if (callee.is(Kind::attribute) && is_variable(callee)) {
      if (!callee.text.empty() && callee.text.back() == '_') return raw(expr);
      code = visit(callee.children[0]) + "." + callee.text;
    } else {
      code = raw(callee);
    }
    code += "(";
    for (std::size_t i = 1; i < expr.children.size(); ++i) {
      const Expr& argument = expr.children[i];
      if (i > 1) code += ", ";
      code += argument.is(Kind::keyword) ? argument.text + "=" + visit(argument.children[0])
              : argument.is(Kind::list)  ? list(argument)
                                         : visit(argument);
    }
    return part(expr, code + ")");
  }

  /// The program's function that a call runs, where it can be taken apart: plain assignments, then
  /// one value returned.
  const FunctionSyntax* own_function(const Expr& call) const {
    if (!call.children[0].is(Kind::name) || depth_ > 8) return nullptr;
    for (const FunctionSyntax& function : functions_)
      if (function.name == call.children[0].text)
        return runs_straight(function) && function.arguments.size() + 1 == call.children.size()
                   ? &function
                   : nullptr;
    return nullptr;
  }

  static bool runs_straight(const FunctionSyntax& function) {
    for (const Statement& statement : function.body) {
      const bool last = &statement == &function.body.back();
      if (last) return statement.kind == Statement::Kind::result && !is_tuple(statement.value);
      const bool assigns = statement.kind == Statement::Kind::assign &&
                           statement.targets.size() == 1 && binds_names(statement.targets[0]);
      if (!assigns && statement.kind != Statement::Kind::empty) return false;
    }
    return false;
  }

  static bool is_tuple(const Expr& expr) { return without_parens(expr).is(Kind::tuple); }

  static bool binds_names(const Expr& target) {
    if (target.is(Kind::name)) return true;
    const Expr& tuple = without_parens(target);
    return tuple.is(Kind::tuple) &&
           std::all_of(tuple.children.begin(), tuple.children.end(),
                       [](const Expr& child) { return child.is(Kind::name); });
  }

  /// The value of a call of one of the program's functions, by its statements.
  std::string inlined(const Expr& call, const FunctionSyntax& function) {
    Scope scope;
    for (std::size_t i = 0; i < function.arguments.size(); ++i) {
      const Expr& argument = call.children[i + 1];
      const bool keyword = argument.is(Kind::keyword);
      const std::string& name = keyword ? argument.text : function.arguments[i];
      scope[name] = part("", visit(keyword ? argument.children[0] : argument), true);
    }
    const Scope* caller = scope_;
    scope_ = &scope;
    ++depth_;
    std::string value;
    for (const Statement& statement : function.body)
      if (statement.kind == Statement::Kind::result)
        value = visit(statement.value);
      else if (statement.kind == Statement::Kind::assign)
        assign(statement, function, scope);
    --depth_;
    scope_ = caller;
    return part(call, value);
  }

  void assign(const Statement& statement, const FunctionSyntax& function, Scope& scope) {
    const std::string value = visit(statement.value);
    const Expr& target = without_parens(statement.targets[0]);
    if (target.is(Kind::name)) {
      scope[target.text] = part(local_name(target, function), value);
      return;
    }
    const std::size_t first = parts.size();
    std::string names;
    for (std::size_t i = 0; i < target.children.size(); ++i)
      names += fmt::format("{}__t{}_{}", i > 0 ? ", " : "", first, i);
    parts.push_back({names, "", false, value, true});
    for (std::size_t i = 0; i < target.children.size(); ++i)
      scope[target.children[i].text] =
          part(local_name(target.children[i], function), fmt::format("__t{}_{}", first, i));
  }

  /// What a function's variable is called: by its name, where its caller has none of that name.
  std::string local_name(const Expr& target, const FunctionSyntax& function) const {
    return environment_.count(target.text) ? target.text + " in " + function.name : target.text;
  }

  std::string list(const Expr& expr) {
    std::string code = "[";
    for (std::size_t i = 0; i < expr.children.size(); ++i)
      code += (i > 0 ? ", " : "") + visit(expr.children[i]);
    return code + "]";
  }

  std::string subscript(const Expr& expr) {
    const std::string value = visit(expr.children[0]);
    const std::size_t open = expr.children[0].span.end;
    return part(expr, value + renamed(text_.substr(open, expr.span.end - open)));
  }

  const std::string& text_;
  const Environment& environment_;
  const std::vector<FunctionSyntax>& functions_;
  const Scope* scope_ = nullptr;  ///< null in the statement itself
  int depth_ = 0;
};

}  // namespace

std::string ExplodedStatement::body(const std::string& indent) const {
  std::string lines;
  for (const ExplodedPart& part : parts)
    lines += fmt::format("{}{} = {}\n", indent, part.temporary, part.code);
  return lines + indent + (assigned.empty() ? "pass" : assigned + result);
}

std::vector<std::string> ExplodedStatement::outputs(std::vector<std::string> first) const {
  for (const ExplodedPart& part : parts)
    if (!part.is_inner) first.push_back(part.temporary);
  return first;
}

std::optional<ExplodedStatement> explode(const Expr& expression, const std::string& text,
                                         const Environment& environment,
                                         const std::vector<FunctionSyntax>& functions) {
  Exploder exploder(text, environment, functions);
  ExplodedStatement statement;
  statement.result = exploder.visit(expression);
  statement.parts = std::move(exploder.parts);
  if (statement.parts.empty()) return std::nullopt;
  return statement;
}

std::optional<ExplodedStatement> explode(const Statement& statement, const std::string& text,
                                         const Environment& environment,
                                         const std::vector<FunctionSyntax>& functions) {
  if (statement.kind != Statement::Kind::assign || statement.targets.size() != 1)
    return std::nullopt;
  auto exploded = explode(statement.value, text, environment, functions);
  if (!exploded) return std::nullopt;
  const Expr& target = statement.targets[0];
  exploded->assigned = text.substr(target.span.begin, target.span.end - target.span.begin) + " = ";
  return exploded;
}

}  // namespace gradient_check

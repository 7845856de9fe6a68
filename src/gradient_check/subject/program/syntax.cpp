#include "gradient_check/subject/program/syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gradient_check/subject/program/tokens.h"

namespace gradient_check {
namespace {

using Kind = Expr::Kind;

/// Binding strength of Python's binary operators; 0 for what is none.
int precedence(const Token& token) {
  const std::string& t = token.text;
  if (token.kind == Token::Kind::name)
    return t == "or" ? 1 : t == "and" ? 2 : t == "in" || t == "is" || t == "not" ? 4 : 0;
  if (token.kind != Token::Kind::op) return 0;
  static const std::set<std::string> comparisons{"<", ">", "==", "!=", "<=", ">="};
  if (comparisons.count(t)) return 4;
  if (t == "|") return 5;
  if (t == "^") return 6;
  if (t == "&") return 7;
  if (t == "<<" || t == ">>") return 8;
  if (t == "+" || t == "-") return 9;
  if (t == "*" || t == "/" || t == "//" || t == "%" || t == "@") return 10;
  return t == "**" ? 12 : 0;
}

class Parser {
 public:
  explicit Parser(const std::string& text) : tokens_(tokenize(text)) {}

  std::vector<FunctionSyntax> functions() {
    std::vector<FunctionSyntax> found;
    while (!is_end()) {
      if (cur().kind == Token::Kind::name && cur().text == "def")
        found.push_back(function());
      else
        ++at_;  // imports, constants, decorators: others read them
    }
    return found;
  }

 private:
  const Token& cur() const { return tokens_[at_]; }
  const Token& ahead(std::size_t n) const { return tokens_[std::min(at_ + n, tokens_.size() - 1)]; }
  bool is_end() const { return cur().kind == Token::Kind::end; }
  bool is(const char* text) const {
    return (cur().kind == Token::Kind::op || cur().kind == Token::Kind::name) && cur().text == text;
  }
  bool accept(const char* text) {
    if (!is(text)) return false;
    ++at_;
    return true;
  }
  void expect(const char* text) {
    if (!accept(text))
      throw SyntaxError(
          fmt::format("line {}: expected '{}', found '{}'", cur().line, text, cur().text));
  }
  std::size_t last_end() const { return tokens_[at_ - 1].span.end; }

  FunctionSyntax function() {
    FunctionSyntax result;
    result.span.begin = cur().span.begin;
    expect("def");
    result.name = cur().text;
    ++at_;
    expect("(");
    while (!is(")") && !is_end()) {
      result.arguments.push_back(cur().text);
      ++at_;
      if (accept(":")) expression();
      if (accept("=")) expression();
      if (!accept(",")) break;
    }
    expect(")");
    if (accept("->")) expression();
    result.body = block();
    result.span.end = last_end();
    return result;
  }

  std::vector<Statement> block() {
    expect(":");
    std::vector<Statement> body;
    if (cur().kind != Token::Kind::newline) {  // on the same line
      simple_statements(body);
      return body;
    }
    while (cur().kind == Token::Kind::newline) ++at_;
    if (cur().kind != Token::Kind::indent) throw SyntaxError("expected an indented block");
    ++at_;
    while (cur().kind != Token::Kind::dedent && !is_end()) statement(body);
    if (cur().kind == Token::Kind::dedent) ++at_;
    return body;
  }

  void statement(std::vector<Statement>& into) {
    if (cur().kind == Token::Kind::newline) {
      ++at_;
      return;
    }
    if (is("if") || is("for") || is("while")) {
      into.push_back(compound());
    } else if (is("with") || is("def") || is("try") || is("class")) {
      into.push_back(opaque_block());
    } else {
      simple_statements(into);
    }
  }

  Statement compound() {
    Statement result;
    result.span.begin = cur().span.begin;
    result.line = cur().line;
    if (accept("for")) {
      result.kind = Statement::Kind::loop_for;
      result.targets.push_back(target_list());
      expect("in");
      result.value = expression_list();
    } else {
      result.kind = is("while") ? Statement::Kind::loop_while : Statement::Kind::condition;
      ++at_;
      result.value = expression();
    }
    result.body = block();
    if (is("elif")) {
      result.otherwise.push_back(elif());
    } else if (is("else")) {
      ++at_;
      result.otherwise = block();
    }
    result.span.end = last_text_end();
    return result;
  }

  /// `elif` is an `if` in the other branch.
  Statement elif() {
    tokens_[at_].text = "if";
    return compound();
  }

  std::size_t last_text_end() const {
    std::size_t i = at_;
    while (i > 0 && tokens_[i - 1].kind != Token::Kind::name &&
           tokens_[i - 1].kind != Token::Kind::number &&
           tokens_[i - 1].kind != Token::Kind::string && tokens_[i - 1].kind != Token::Kind::op)
      --i;
    return tokens_[i - 1].span.end;
  }

  Statement opaque_block() {
    Statement result;
    result.span.begin = cur().span.begin;
    result.line = cur().line;
    while (cur().kind != Token::Kind::newline && !is_end()) ++at_;
    ++at_;
    if (cur().kind == Token::Kind::indent) {
      ++at_;
      while (cur().kind != Token::Kind::dedent && !is_end()) statement(result.body);
      if (cur().kind == Token::Kind::dedent) ++at_;
    }
    result.span.end = last_text_end();
    return result;
  }

  void simple_statements(std::vector<Statement>& into) {
    do {
      if (cur().kind == Token::Kind::newline) break;
      into.push_back(simple_statement());
    } while (accept(";"));
    if (cur().kind == Token::Kind::newline) ++at_;
    else if (!is_end())
      throw SyntaxError(fmt::format("line {}: unexpected '{}'", cur().line, cur().text));
  }

  Statement simple_statement() {
    Statement result;
    result.span.begin = cur().span.begin;
    result.line = cur().line;
    using S = Statement::Kind;
    if (accept("return")) {
      result.kind = S::result;
      if (cur().kind != Token::Kind::newline) result.value = expression_list();
    } else if (accept("pass")) {
      result.kind = S::empty;
    } else if (accept("break")) {
      result.kind = S::leave;
    } else if (accept("continue")) {
      result.kind = S::next;
    } else if (is("assert") || is("raise") || is("del") || is("global") || is("import") ||
               is("from")) {
      result.kind = S::opaque;
      while (cur().kind != Token::Kind::newline && !is(";") && !is_end()) ++at_;
    } else {
      expression_statement(result);
    }
    result.span.end = last_end();
    return result;
  }

  void expression_statement(Statement& result) {
    using S = Statement::Kind;
    Expr first = expression_list();
    static const std::set<std::string> augmented{"+=", "-=", "*=", "/=", "@=", "%=", "**=", "//=",
                                                 "&=", "|=", "^="};
    if (cur().kind == Token::Kind::op && augmented.count(cur().text)) {
      result.kind = S::augment;
      result.text = cur().text;
      ++at_;
      result.targets.push_back(std::move(first));
      result.value = expression_list();
    } else if (accept(":")) {
      result.kind = S::annotate;
      result.targets.push_back(std::move(first));
      expression();
      if (accept("=")) result.value = expression_list();
    } else if (is("=")) {
      result.kind = S::assign;
      while (accept("=")) {
        result.targets.push_back(std::move(first));
        first = expression_list();
      }
      result.value = std::move(first);
    } else {
      result.kind = first.is(Kind::string) ? S::empty : S::expression;
      result.value = std::move(first);
    }
  }

  Expr target_list() {
    // Names and tuples only: `in` must not be read as an operator.
    Expr first = postfix();
    if (!is(",")) return first;
    Expr tuple = make(Kind::tuple, first.span.begin);
    tuple.children.push_back(std::move(first));
    while (accept(",")) tuple.children.push_back(postfix());
    tuple.span.end = last_end();
    return tuple;
  }

  static Expr make(Kind kind, std::size_t begin, std::string text = "") {
    Expr expr;
    expr.kind = kind;
    expr.span.begin = begin;
    expr.text = std::move(text);
    return expr;
  }

  bool starts_expression() const {
    if (cur().kind == Token::Kind::newline || is_end()) return false;
    return !is(")") && !is("]") && !is("}") && !is("=") && !is(":") && !is(";");
  }

  /// An expression, or a tuple of them without parentheses.
  Expr expression_list() {
    Expr first = expression();
    if (!is(",")) return first;
    Expr tuple = make(Kind::tuple, first.span.begin);
    tuple.children.push_back(std::move(first));
    while (accept(","))
      if (starts_expression()) tuple.children.push_back(expression());
    tuple.span.end = tuple.children.back().span.end;
    return tuple;
  }

  Expr expression() {
    if (is("lambda")) throw SyntaxError("lambda");
    Expr value = binary(1);
    if (!is("if")) return value;
    ++at_;
    Expr ternary = make(Kind::ternary, value.span.begin);
    ternary.children.push_back(std::move(value));
    ternary.children.push_back(binary(1));
    expect("else");
    ternary.children.push_back(expression());
    ternary.span.end = last_end();
    return ternary;
  }

  Expr binary(int least) {
    Expr left = unary(least);
    while (true) {
      const int strength = precedence(cur());
      if (strength == 0 || strength < least) return left;
      Expr node = make(Kind::binary, left.span.begin, cur().text);
      node.op = cur().span;
      ++at_;
      if ((node.text == "not" && is("in")) || (node.text == "is" && is("not"))) {
        node.text += " " + cur().text;
        node.op.end = cur().span.end;
        ++at_;
      }
      node.children.push_back(std::move(left));
      // ** binds to the right, and its exponent may carry a sign.
      node.children.push_back(binary(strength == 12 ? 11 : strength + 1));
      node.span.end = node.children[1].span.end;
      left = std::move(node);
    }
  }

  Expr unary(int least) {
    const bool sign = cur().kind == Token::Kind::op && (is("-") || is("+") || is("~"));
    if (!sign && !is("not")) return postfix();
    (void)least;
    Expr node = make(Kind::unary, cur().span.begin, cur().text);
    node.op = cur().span;
    ++at_;
    node.children.push_back(binary(node.text == "not" ? 3 : 11));
    node.span.end = node.children[0].span.end;
    return node;
  }

  Expr postfix() {
    Expr value = atom();
    while (true) {
      if (accept(".")) {
        Expr node = make(Kind::attribute, value.span.begin, cur().text);
        node.op = cur().span;
        ++at_;
        node.children.push_back(std::move(value));
        node.span.end = last_end();
        value = std::move(node);
      } else if (is("(")) {
        value = call(std::move(value));
      } else if (is("[")) {
        value = subscript(std::move(value));
      } else {
        return value;
      }
    }
  }

  Expr call(Expr callee) {
    Expr node = make(Kind::call, callee.span.begin);
    node.children.push_back(std::move(callee));
    expect("(");
    while (!is(")") && !is_end()) {
      if (cur().kind == Token::Kind::name && ahead(1).text == "=" &&
          ahead(1).kind == Token::Kind::op) {
        Expr keyword = make(Kind::keyword, cur().span.begin, cur().text);
        keyword.op = cur().span;
        at_ += 2;
        keyword.children.push_back(expression());
        keyword.span.end = last_end();
        node.children.push_back(std::move(keyword));
      } else {
        Expr argument = starred_or_expression();
        if (is("for")) argument = comprehension(std::move(argument));
        node.children.push_back(std::move(argument));
      }
      if (!accept(",")) break;
    }
    expect(")");
    node.span.end = last_end();
    return node;
  }

  Expr starred_or_expression() {
    if (!is("*")) return expression();
    Expr node = make(Kind::starred, cur().span.begin);
    ++at_;
    node.children.push_back(expression());
    node.span.end = last_end();
    return node;
  }

  Expr subscript(Expr value) {
    Expr node = make(Kind::subscript, value.span.begin);
    node.children.push_back(std::move(value));
    expect("[");
    while (!is("]") && !is_end()) {
      node.children.push_back(slice_or_expression());
      if (!accept(",")) break;
    }
    expect("]");
    node.span.end = last_end();
    return node;
  }

  Expr slice_or_expression() {
    const std::size_t begin = cur().span.begin;
    Expr first = is(":") ? make(Kind::absent, begin) : starred_or_expression();
    first.span.end = std::max(first.span.end, begin);
    if (!is(":")) return first;
    Expr slice = make(Kind::slice, begin);
    slice.children.push_back(std::move(first));
    while (accept(":")) {
      const std::size_t here = cur().span.begin;
      Expr part = is(":") || is(",") || is("]") ? make(Kind::absent, here) : expression();
      if (part.is(Kind::absent)) part.span.end = here;
      slice.children.push_back(std::move(part));
    }
    slice.span.end = last_end();
    return slice;
  }

  Expr comprehension(Expr element) {
    Expr node = make(Kind::comprehension, element.span.begin);
    node.children.push_back(std::move(element));
    while (accept("for")) {
      node.children.push_back(target_list());
      expect("in");
      node.children.push_back(binary(1));
      while (accept("if")) node.children.push_back(binary(1));
    }
    node.span.end = last_end();
    return node;
  }

  Expr atom() {
    const Token token = cur();
    switch (token.kind) {
      case Token::Kind::name: {
        ++at_;
        const bool literal =
            token.text == "True" || token.text == "False" || token.text == "None";
        Expr node = make(literal ? Kind::literal : Kind::name, token.span.begin, token.text);
        node.span.end = token.span.end;
        return node;
      }
      case Token::Kind::number:
      case Token::Kind::string: {
        ++at_;
        Expr node = make(token.kind == Token::Kind::number ? Kind::number : Kind::string,
                         token.span.begin, token.text);
        node.span.end = token.span.end;
        while (token.kind == Token::Kind::string && cur().kind == Token::Kind::string) {
          node.span.end = cur().span.end;
          ++at_;
        }
        return node;
      }
      default:
        break;
    }
    if (is("(")) return parenthesized();
    if (is("[")) return list();
    if (is("{")) return dict();
    throw SyntaxError(fmt::format("line {}: unexpected '{}'", token.line, token.text));
  }

  Expr parenthesized() {
    Expr node = make(Kind::paren, cur().span.begin);
    expect("(");
    if (is(")")) {
      node.children.push_back(make(Kind::tuple, cur().span.begin));
    } else {
      node.children.push_back(expression_list());
      if (is("for")) node.children[0] = comprehension(std::move(node.children[0]));
    }
    expect(")");
    node.span.end = last_end();
    return node;
  }

  Expr list() {
    Expr node = make(Kind::list, cur().span.begin);
    expect("[");
    while (!is("]") && !is_end()) {
      node.children.push_back(starred_or_expression());
      if (is("for")) node.children.back() = comprehension(std::move(node.children.back()));
      if (!accept(",")) break;
    }
    expect("]");
    node.span.end = last_end();
    return node;
  }

  Expr dict() {
    Expr node = make(Kind::dict, cur().span.begin);
    expect("{");
    while (!is("}") && !is_end()) {
      node.children.push_back(expression());
      expect(":");
      node.children.push_back(expression());
      if (is("for")) throw SyntaxError("a dictionary comprehension");
      if (!accept(",")) break;
    }
    expect("}");
    node.span.end = last_end();
    return node;
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

void collect(const Expr& expression, std::vector<std::string>& names) {
  if (expression.is(Kind::name)) add_once(names, expression.text);
  for (const Expr& child : expression.children) collect(child, names);
}

void collect(const Statement& statement, std::vector<std::string>& names) {
  for (const Expr& target : statement.targets) collect(target, names);
  collect(statement.value, names);
  for (const Statement& inner : statement.body) collect(inner, names);
  for (const Statement& inner : statement.otherwise) collect(inner, names);
}

/// The variable at the root of a.b[c].
const Expr* root_of(const Expr& expression) {
  const Expr* at = &expression;
  while (at->is(Kind::attribute) || at->is(Kind::subscript) || at->is(Kind::call) ||
         at->is(Kind::paren))
    at = &at->children[0];
  return at->is(Kind::name) ? at : nullptr;
}

void collect_targets(const Expr& target, std::vector<std::string>& names) {
  if (target.is(Kind::tuple) || target.is(Kind::list) || target.is(Kind::paren) ||
      target.is(Kind::starred)) {
    for (const Expr& child : target.children) collect_targets(child, names);
  } else if (const Expr* root = root_of(target)) {
    add_once(names, root->text);
  }
}

/// Receivers of x.add_(…), and of lists that are appended to.
void collect_changed(const Expr& expression, std::vector<std::string>& names) {
  if (expression.is(Kind::call) && expression.children[0].is(Kind::attribute)) {
    static const std::set<std::string> changing{"append", "insert", "extend", "pop", "clear",
                                                "update", "reverse"};
    const std::string& method = expression.children[0].text;
    const bool in_place = method.size() > 1 && method.back() == '_';
    if (in_place || changing.count(method))
      if (const Expr* root = root_of(expression.children[0].children[0]))
        if (root->text != "torch" && root->text != "F") add_once(names, root->text);
  }
  for (const Expr& child : expression.children) collect_changed(child, names);
}

void collect_written(const Statement& statement, std::vector<std::string>& names) {
  for (const Expr& target : statement.targets) collect_targets(target, names);
  collect_changed(statement.value, names);
  for (const Statement& inner : statement.body) collect_written(inner, names);
  for (const Statement& inner : statement.otherwise) collect_written(inner, names);
}

}  // namespace

std::vector<FunctionSyntax> parse_functions(const std::string& text) {
  return Parser(text).functions();
}

std::vector<std::string> names_in(const Expr& expression) {
  std::vector<std::string> names;
  collect(expression, names);
  return names;
}

std::vector<std::string> names_in(const Statement& statement) {
  std::vector<std::string> names;
  collect(statement, names);
  return names;
}

std::vector<std::string> names_written(const Statement& statement) {
  std::vector<std::string> names;
  collect_written(statement, names);
  return names;
}

}  // namespace gradient_check

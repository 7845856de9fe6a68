#include "gradient_check/python/syntax/expression_printer.h"

#include "gradient_check/python/syntax/literal_text.h"

namespace gradient_check::python {

namespace {

Precedence tighter(Precedence precedence) {
  return static_cast<Precedence>(static_cast<int>(precedence) + 1);
}

bool is_number(const ast::Expression& expression) {
  const auto* const constant = expression.as<ast::Constant>();
  return constant != nullptr && (std::holds_alternative<std::int64_t>(constant->value) ||
                                 std::holds_alternative<ast::BigInteger>(constant->value) ||
                                 std::holds_alternative<double>(constant->value) ||
                                 std::holds_alternative<ast::Imaginary>(constant->value));
}

/// True for a tuple whose parentheses belong to its span.
bool has_own_parentheses(const ast::Expression& expression, const ast::Tuple& tuple) {
  return tuple.elts.empty() || tuple.elts.front()->outer.begin > expression.span.begin;
}

}  // namespace

void ExpressionPrinter::print(const ast::Expression& expression, Precedence least) {
  const std::size_t begin = out_.size();
  if (!copy_from_source(expression, least)) {
    const bool parentheses = precedence(expression) < least;
    if (parentheses) out_ += '(';
    print_form(expression);
    if (parentheses) out_ += ')';
  }
  if (&expression == captured_) *captured_text_ = out_.substr(begin);
}

bool ExpressionPrinter::copy_from_source(const ast::Expression& expression, Precedence least) {
  if (source_ == nullptr || expression.origin != ast::Origin::source || quote_ != 0) return false;
  const std::string_view text = source_->text(expression.outer);
  const bool is_literal = expression.as<ast::Constant>() != nullptr;
  if (text.find('\n') != std::string_view::npos && !is_literal) return false;
  // A row of strings on several lines needs the brackets it stands in.
  const std::string_view own = source_->text(expression.span);
  if (is_literal && own.find('\n') != std::string_view::npos &&
      own.find("\"\"\"") == std::string_view::npos && own.find("'''") == std::string_view::npos)
    return false;
  const auto* const tuple = expression.as<ast::Tuple>();
  const bool closed = expression.is_parenthesized() ||
                      (tuple != nullptr && has_own_parentheses(expression, *tuple));
  const bool parentheses = !closed && precedence(expression) < least;
  if (parentheses) out_ += '(';
  out_ += text;
  if (parentheses) out_ += ')';
  return true;
}

void ExpressionPrinter::print_star_expressions(const ast::Expression& expression) {
  const auto* const tuple = expression.as<ast::Tuple>();
  const bool bare = tuple != nullptr && !tuple->elts.empty();
  print(expression, bare ? Precedence::Tuple : Precedence::Test);
}

void ExpressionPrinter::print_right_side(const ast::Expression& expression) {
  if (precedence(expression) == Precedence::Yield) {
    print(expression, Precedence::Yield);
  } else {
    print_star_expressions(expression);
  }
}

void ExpressionPrinter::print_list(const std::vector<ast::ExpressionPtr>& expressions) {
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    if (i > 0) out_ += ", ";
    print(*expressions[i]);
  }
}

/// Those of a tuple, which for one has a comma.
void ExpressionPrinter::print_elements(const std::vector<ast::ExpressionPtr>& elements) {
  print_list(elements);
  if (elements.size() == 1) out_ += ',';
}

struct ExpressionPrinter::Forms {
  ExpressionPrinter& p;
  std::string& out;

  void operator()(const ast::Name& name) const { out += name.id; }
  void operator()(const ast::Constant& constant) const {
    out += literal_text(constant.value, p.quote_);
  }
  void operator()(const ast::Attribute& attribute) const {
    const bool number = is_number(*attribute.value);
    if (number) out += '(';
    p.print(*attribute.value, number ? Precedence::Test : Precedence::Atom);
    if (number) out += ')';
    out += "." + attribute.attr;
  }
  void operator()(const ast::Call& call) const { p.print_call(call); }
  void operator()(const ast::BinOp& operation) const { p.print_binary(operation); }
  void operator()(const ast::UnaryOp& operation) const { p.print_unary(operation); }
  void operator()(const ast::Compare& compare) const { p.print_compare(compare); }
  void operator()(const ast::Subscript& subscript) const { p.print_subscript(subscript); }
  void operator()(const ast::Slice& slice) const { p.print_slice(slice); }
  void operator()(const ast::Tuple& tuple) const {
    if (tuple.elts.empty()) out += "()";
    p.print_elements(tuple.elts);
  }
  void operator()(const ast::List& list) const {
    out += '[';
    p.print_list(list.elts);
    out += ']';
  }
  void operator()(const ast::Starred& starred) const {
    out += '*';
    p.print(*starred.value, Precedence::BitOr);
  }
  void operator()(const ast::BoolOp& operation) const { p.print_boolean(operation); }
  void operator()(const ast::IfExp& conditional) const {
    p.print(*conditional.body, Precedence::Or);
    out += " if ";
    p.print(*conditional.test, Precedence::Or);
    out += " else ";
    p.print(*conditional.orelse);
  }
  void operator()(const ast::Dict& dict) const { p.print_dict(dict); }
  void operator()(const ast::Set& set) const {
    // Braces without elements are a dictionary.
    out += set.elts.empty() ? "{*()" : "{";
    p.print_list(set.elts);
    out += '}';
  }
  void operator()(const ast::JoinedStr& string) const { p.print_f_string(string); }
  void operator()(const ast::FormattedValue& field) const {
    out += "f'";
    p.print_field(field, '\'');
    out += '\'';
  }
  void operator()(const ast::Lambda& lambda) const { p.print_lambda(lambda); }
  void operator()(const ast::ListComp& list) const { comprehension("[", list, "]"); }
  void operator()(const ast::SetComp& set) const { comprehension("{", set, "}"); }
  void operator()(const ast::GeneratorExp& generator) const { comprehension("(", generator, ")"); }
  void operator()(const ast::DictComp& dict) const {
    out += '{';
    p.print(*dict.key);
    out += ": ";
    p.print(*dict.value);
    p.print_comprehensions(dict.generators);
    out += '}';
  }
  void operator()(const ast::NamedExpr& named) const {
    p.print(*named.target, Precedence::Atom);
    out += " := ";
    p.print(*named.value);
  }
  void operator()(const ast::Await& await) const {
    out += "await ";
    p.print(*await.value, Precedence::Atom);
  }
  void operator()(const ast::Yield& yield) const {
    out += "yield";
    if (!yield.value) return;
    out += ' ';
    p.print_star_expressions(*yield.value);
  }
  void operator()(const ast::YieldFrom& yield) const {
    out += "yield from ";
    p.print(*yield.value);
  }

  template <typename Form>
  void comprehension(const char* open, const Form& form, const char* close) const {
    out += open;
    p.print(*form.elt);
    p.print_comprehensions(form.generators);
    out += close;
  }
};

void ExpressionPrinter::print_form(const ast::Expression& expression) {
  std::visit(Forms{*this, out_}, expression.form);
}

void ExpressionPrinter::print_call(const ast::Call& call) {
  print(*call.func, Precedence::Atom);
  // A generator that is the only argument brings its parentheses.
  const bool generator = call.args.size() == 1 && call.keywords.empty() &&
                         call.args.front()->as<ast::GeneratorExp>() != nullptr;
  if (!generator) out_ += '(';
  print_arguments(call.args, call.keywords);
  if (!generator) out_ += ')';
}

void ExpressionPrinter::print_arguments(const std::vector<ast::ExpressionPtr>& args,
                                        const std::vector<ast::Keyword>& keywords) {
  print_list(args);
  bool first = args.empty();
  for (const ast::Keyword& keyword : keywords) {
    if (!first) out_ += ", ";
    first = false;
    out_ += keyword.arg ? *keyword.arg + "=" : "**";
    print(*keyword.value);
  }
}

void ExpressionPrinter::print_subscript(const ast::Subscript& subscript) {
  print(*subscript.value, Precedence::Atom);
  out_ += '[';
  const auto* const tuple = subscript.slice->as<ast::Tuple>();
  if (tuple != nullptr && !tuple->elts.empty() && subscript.slice.get() != captured_) {
    print_elements(tuple->elts);
  } else {
    print_star_expressions(*subscript.slice);
  }
  out_ += ']';
}

void ExpressionPrinter::print_slice(const ast::Slice& slice) {
  if (slice.lower) print(*slice.lower);
  out_ += ':';
  if (slice.upper) print(*slice.upper);
  if (!slice.step) return;
  out_ += ':';
  print(*slice.step);
}

void ExpressionPrinter::print_binary(const ast::BinOp& operation) {
  const Precedence own = precedence(operation.op);
  const bool power = operation.op == ast::BinaryOperator::Pow;
  print(*operation.left, power ? Precedence::Await : own);
  out_ += ' ';
  out_ += to_text(operation.op);
  out_ += ' ';
  print(*operation.right, power ? Precedence::Sign : tighter(own));
}

void ExpressionPrinter::print_unary(const ast::UnaryOp& operation) {
  const bool is_not = operation.op == ast::UnaryOperator::Not;
  out_ += to_text(operation.op);
  if (is_not) out_ += ' ';
  print(*operation.operand, is_not ? Precedence::Not : Precedence::Sign);
}

void ExpressionPrinter::print_boolean(const ast::BoolOp& operation) {
  const bool is_or = operation.op == ast::BooleanOperator::Or;
  for (std::size_t i = 0; i < operation.values.size(); ++i) {
    if (i > 0) out_ += is_or ? " or " : " and ";
    print(*operation.values[i], is_or ? Precedence::And : Precedence::Not);
  }
}

void ExpressionPrinter::print_compare(const ast::Compare& compare) {
  print(*compare.left, Precedence::BitOr);
  for (const ast::Comparator& next : compare.comparators) {
    out_ += ' ';
    out_ += to_text(next.op);
    out_ += ' ';
    print(*next.value, Precedence::BitOr);
  }
}

void ExpressionPrinter::print_dict(const ast::Dict& dict) {
  out_ += '{';
  for (std::size_t i = 0; i < dict.items.size(); ++i) {
    if (i > 0) out_ += ", ";
    const ast::DictItem& item = dict.items[i];
    if (item.key) {
      print(*item.key);
      out_ += ": ";
      print(*item.value);
    } else {
      out_ += "**";
      print(*item.value, Precedence::BitOr);
    }
  }
  out_ += '}';
}

void ExpressionPrinter::print_lambda(const ast::Lambda& lambda) {
  out_ += lambda.parameters.empty() ? "lambda" : "lambda ";
  print_parameters(lambda.parameters);
  out_ += ": ";
  print(*lambda.body);
}

void ExpressionPrinter::print_parameters(const std::vector<ast::Parameter>& parameters) {
  using ast::ParameterKind;
  bool star = false;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const ast::Parameter& parameter = parameters[i];
    const ParameterKind kind = parameter.kind;
    if (i > 0) out_ += ", ";
    if (kind == ParameterKind::keyword_only && !star) out_ += "*, ";
    star |= kind == ParameterKind::keyword_only || kind == ParameterKind::var_positional;
    if (kind == ParameterKind::var_positional) out_ += '*';
    if (kind == ParameterKind::var_keyword) out_ += "**";
    out_ += parameter.name;
    if (parameter.annotation) {
      out_ += ": ";
      print(*parameter.annotation);
    }
    if (parameter.default_value) {
      out_ += parameter.annotation ? " = " : "=";
      print(*parameter.default_value);
    }
    const bool last_positional_only =
        kind == ParameterKind::positional_only &&
        (i + 1 == parameters.size() || parameters[i + 1].kind != ParameterKind::positional_only);
    if (last_positional_only) out_ += ", /";
  }
}

void ExpressionPrinter::print_comprehensions(const std::vector<ast::Comprehension>& generators) {
  for (const ast::Comprehension& generator : generators) {
    out_ += generator.is_async ? " async for " : " for ";
    print_star_expressions(*generator.target);
    out_ += " in ";
    print(*generator.iter, Precedence::Or);
    for (const ast::ExpressionPtr& condition : generator.ifs) {
      out_ += " if ";
      print(*condition, Precedence::Or);
    }
  }
}

void ExpressionPrinter::print_f_string(const ast::JoinedStr& string) {
  const char quote = quote_ == 0 ? '\'' : quote_;
  out_ += 'f';
  out_ += quote;
  print_f_string_parts(string, quote, false);
  out_ += quote;
}

void ExpressionPrinter::print_f_string_parts(const ast::JoinedStr& string, char quote,
                                             bool in_format) {
  for (const ast::ExpressionPtr& part : string.values) {
    if (const auto* field = part->as<ast::FormattedValue>()) {
      print_field(*field, quote);
    } else if (const auto* constant = part->as<ast::Constant>()) {
      if (const auto* text = std::get_if<std::string>(&constant->value))
        out_ += f_string_literal_text(*text, quote, in_format);
    }
  }
}

void ExpressionPrinter::print_field(const ast::FormattedValue& field, char quote) {
  const char outer_quote = quote_;
  quote_ = quote == '\'' ? '"' : '\'';
  out_ += '{';
  const std::size_t begin = out_.size();
  // A colon outside of brackets would end the expression.
  print(*field.value, Precedence::Or);
  if (out_[begin] == '{') out_.insert(begin, 1, ' ');
  quote_ = outer_quote;
  if (field.conversion != 0) {
    out_ += '!';
    out_ += field.conversion;
  }
  if (field.format_spec) {
    out_ += ':';
    if (const auto* format = field.format_spec->as<ast::JoinedStr>())
      print_f_string_parts(*format, quote, true);
  }
  out_ += '}';
}

}  // namespace gradient_check::python

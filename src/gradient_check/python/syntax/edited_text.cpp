#include <algorithm>
#include <string>
#include <utility>

#include "gradient_check/python/syntax/children.h"
#include "gradient_check/python/syntax/statement_printer.h"
#include "gradient_check/python/syntax/unparser.h"

namespace gradient_check::python {
namespace {

/// Copies the source and writes new nodes where the ones that they replace stood.
class TextSplicer {
 public:
  explicit TextSplicer(const SourceText& source) : source_(source) {}

  std::string spliced(const ast::Statement& statement) {
    at_ = statement.span.begin;
    if (statement.origin == ast::Origin::made) {
      write_statement(statement);
    } else {
      visit_children(statement);
    }
    copy_until(statement.span.end);
    return std::move(text_);
  }

 private:
  void copy_until(std::uint32_t end) {
    if (end > at_) text_ += source_.text({at_, end});
    at_ = std::max(at_, end);
  }

  template <typename NodeType>
  void visit_children(const NodeType& parent) {
    ast::for_each_child(parent, [&](const auto& child) { visit(parent, *child); });
  }

  template <typename Parent>
  void visit(const Parent& parent, const ast::Expression& child) {
    if (child.origin == ast::Origin::edited) {
      visit_children(child);
    } else if (child.origin == ast::Origin::made) {
      copy_until(child.outer.begin);
      text_ += text_within(parent, child);
      at_ = child.outer.end;
    }
  }
  template <typename Parent>
  void visit(const Parent&, const ast::Statement& child) {
    if (child.origin == ast::Origin::edited) {
      visit_children(child);
    } else if (child.origin == ast::Origin::made) {
      write_statement(child);
    }
  }
  template <typename Parent>
  void visit(const Parent&, const ast::Pattern& child) {
    if (child.origin == ast::Origin::edited) visit_children(child);
  }

  /// With the parentheses that its place in the parent asks for.
  std::string text_within(const ast::Expression& parent, const ast::Expression& child) const {
    std::string whole, part;
    ExpressionPrinter printer(whole, &source_);
    printer.capture(&child, &part);
    printer.print_form(parent);
    return part;
  }
  std::string text_within(const ast::Statement& parent, const ast::Expression& child) const {
    std::string whole, part;
    StatementPrinter printer(whole, &source_, 0);
    printer.expressions().capture(&child, &part);
    printer.print_form(parent);
    return part;
  }
  std::string text_within(const ast::Pattern&, const ast::Expression& child) const {
    return unparse(child, &source_);
  }

  void write_statement(const ast::Statement& statement) {
    copy_until(statement.span.begin);
    const std::size_t line = source_.line_start(source_.line_index(statement.span.begin));
    text_ += unparse(statement, &source_, static_cast<int>(statement.span.begin - line));
    at_ = statement.span.end;
  }

  const SourceText& source_;
  std::string text_;
  std::uint32_t at_ = 0;
};

}  // namespace

std::string edited_text(const ast::Statement& statement, const SourceText& source) {
  return TextSplicer(source).spliced(statement);
}

}  // namespace gradient_check::python

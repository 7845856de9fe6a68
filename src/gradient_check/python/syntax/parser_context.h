#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "gradient_check/python/syntax/tokenizer.h"
#include "gradient_check/python/syntax/tree.h"

namespace gradient_check::python {

/// What all parts of the parser share: the place in the tokens, the making of nodes, and errors.
/// Nodes are numbered as they are made, children before parents.
class ParserContext {
 public:
  ParserContext(std::string_view code, const TokenStream& stream, ast::NodeId first_id)
      : code_(code), stream_(stream), next_id_(first_id) {}

  // Tokens.

  const Token& current() const { return stream_.tokens[index_]; }
  const Token& previous() const { return stream_.tokens[index_ == 0 ? 0 : index_ - 1]; }
  /// Beyond the last token is the last token.
  const Token& peek(std::size_t ahead = 1) const {
    return stream_.tokens[std::min(index_ + ahead, stream_.tokens.size() - 1)];
  }
  std::size_t index() const { return index_; }
  const Token& token(std::size_t index) const { return stream_.tokens[index]; }

  bool is(TokenType type) const { return current().type == type; }
  bool is_name(std::string_view name) const {
    return is(TokenType::Name) && text(current().span) == name;
  }
  bool at_end() const { return is(TokenType::EndOfText) || is(TokenType::Error); }

  /// Moves on, but not beyond the last token; returns the token that was current.
  const Token& advance();
  bool accept(TokenType type);
  /// Moves over a token of the type, or fails: "expected ')' <where>, found …".
  const Token& expect(TokenType type, std::string_view where = "", std::string_view help = "");

  std::string_view text(Span span) const { return code_.substr(span.begin, span.size()); }
  std::string_view code() const { return code_; }
  std::uint32_t begin() const { return current().span.begin; }
  /// From `begin` to the end of the last token that has characters.
  Span since(std::uint32_t begin) const { return {begin, std::max(begin, end_)}; }

  // Nodes.

  ast::NodeId next_id() const { return next_id_; }
  ast::Node node(Span span);
  ast::ExpressionPtr make(Span span, ast::ExpressionForm&& form);
  ast::StatementPtr make(Span span, ast::StatementForm&& form);
  ast::PatternPtr make(Span span, ast::PatternForm&& form);
  /// The expression, known to stand in these parentheses. It must not be shared yet.
  static ast::ExpressionPtr parenthesized(ast::ExpressionPtr expression, Span outer);

  /// Set by Python 2's `print x`.
  bool has_print_statement = false;

  // Errors.

  [[noreturn]] void fail(Span span, const std::string& message, const std::string& help = "") const;
  /// "expected <what>, found <the current token>"; or what explains it better: text that is no
  /// token, or a bracket around it that is never closed.
  [[noreturn]] void fail_expected(std::string_view what, std::string_view help = "") const;
  /// Throws if one of those better explanations is there.
  void fail_if_explained() const;

  /// One level of recursion for as long as it lives.
  class Level {
   public:
    explicit Level(ParserContext& context) : context_(context) {
      if (++context_.depth_ > ast::most_height) context_.fail_too_deep(context_.current().span);
    }
    ~Level() { --context_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    ParserContext& context_;
  };

 private:
  [[noreturn]] void fail_too_deep(Span span) const;
  template <typename NodeType, typename Form>
  std::shared_ptr<NodeType> made(Span span, Form&& form);

  std::string_view code_;
  const TokenStream& stream_;
  std::size_t index_ = 0;
  std::uint32_t end_ = 0;
  ast::NodeId next_id_;
  int depth_ = 0;
};

}  // namespace gradient_check::python

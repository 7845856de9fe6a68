#include "gradient_check/python/syntax/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "gradient_check/python/syntax/indentation.h"
#include "gradient_check/python/syntax/invalid_character.h"
#include "gradient_check/python/syntax/number_literal.h"
#include "gradient_check/python/syntax/open_f_string.h"
#include "gradient_check/python/syntax/operator_scanner.h"
#include "gradient_check/python/syntax/tree.h"
#include "gradient_check/python/syntax/unicode_identifiers.h"

namespace gradient_check::python {
namespace {

bool is_string_prefix(std::string_view text) {
  std::string lower;
  for (const char c : text) lower += static_cast<char>(c | 0x20);
  for (const std::string_view known : {"r", "u", "b", "f", "br", "rb", "fr", "rf"})
    if (lower == known) return true;
  return false;
}

class Tokenizer {
 public:
  Tokenizer(std::string_view code, Span section, bool is_cell)
      : text_(code.substr(0, section.end)), at_(section.begin), indentation_(is_cell) {}

  TokenStream run() {
    stream_.tokens.reserve(text_.size() / 4);
    try {
      begin_line();
      while (at_ < text_.size()) step();
      finish();
    } catch (const SyntaxError& error) {
      stream_.error = error;
      add(TokenType::Error, error.span());
    }
    return std::move(stream_);
  }

 private:
  char character(std::uint32_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void add(TokenType type, Span span) { stream_.tokens.push_back({type, span, Token::no_partner}); }

  [[noreturn]] static void fail(Span span, const std::string& message,
                                const std::string& help = "") {
    throw SyntaxError(span, message, help);
  }

  void step() {
    if (!f_strings_.empty() && f_strings_.back().in_literal()) {
      scan_literal();
      return;
    }
    const char c = text_[at_];
    if (c == ' ' || c == '\t' || c == '\f') {
      ++at_;
    } else if (c == '\n') {
      end_line();
    } else if (c == '#') {
      at_ = static_cast<std::uint32_t>(std::min(text_.find('\n', at_), text_.size()));
    } else if (c == '\\') {
      join_lines();
    } else if (c == '"' || c == '\'') {
      scan_string(at_);
    } else if ((c >= '0' && c <= '9') || (c == '.' && character(1) >= '0' && character(1) <= '9')) {
      const std::uint32_t begin = at_;
      at_ = number_end(text_, begin);
      add(TokenType::Number, {begin, at_});
    } else if (starts_name(utf8_character(text_, at_).code)) {
      scan_name();
    } else {
      scan_operator();
    }
  }

  void end_line() {
    if (brackets_.empty()) {
      add(TokenType::Newline, {at_, at_ + 1});
      ++at_;
      begin_line();
    } else {
      ++at_;
    }
  }

  void join_lines() {
    if (character(1) == '\n') {
      if (at_ + 2 >= text_.size())
        fail({at_, at_ + 1}, "a backslash at the end of the text joins nothing", "leave it out");
      at_ += 2;
    } else if (at_ + 1 >= text_.size()) {
      fail({at_, at_ + 1}, "a backslash at the end of the text joins nothing", "leave it out");
    } else {
      const std::size_t next = text_.find_first_not_of(" \t", at_ + 1);
      if (next != std::string_view::npos && text_[next] == '\n')
        fail({at_, at_ + 1}, "a space stands behind the backslash that should end the line",
             "delete what follows the backslash");
      fail({at_, at_ + 1},
           "a backslash outside of a string joins two lines and stands at the end of one");
    }
  }

  // Lines and their indentation.

  /// Skips lines without tokens; then compares the indentation of the one with its block's.
  void begin_line() {
    while (true) {
      const std::uint32_t line = at_;
      const Indentation indentation = Indentation::measure(text_, at_);
      if (at_ >= text_.size()) return;
      if (character() == '#')
        at_ = static_cast<std::uint32_t>(std::min(text_.find('\n', at_), text_.size()));
      if (at_ >= text_.size()) return;
      if (character() == '\n') {
        ++at_;
        continue;
      }
      const int change = indentation_.change(indentation, {line, at_});
      if (change > 0) add(TokenType::Indent, {line, at_});
      add_dedents(-change);
      return;
    }
  }

  void add_dedents(int count) {
    for (; count > 0; --count) add(TokenType::Dedent, {at_, at_});
  }

  void finish() {
    if (!brackets_.empty()) fail_open_bracket();
    const auto end = static_cast<std::uint32_t>(text_.size());
    if (!stream_.tokens.empty()) {
      const TokenType last = stream_.tokens.back().type;
      if (last != TokenType::Newline && last != TokenType::Dedent)
        add(TokenType::Newline, {end, end});
    }
    add_dedents(static_cast<int>(indentation_.open_blocks()));
    add(TokenType::EndOfText, {end, end});
  }

  // Names, strings, operators.

  void scan_name() {
    const std::uint32_t begin = at_;
    while (at_ < text_.size()) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte < 0x80) {
        if (!continues_name(byte)) break;
        ++at_;
      } else {
        const Utf8Character next = utf8_character(text_, at_);
        if (!continues_name(next.code)) break;
        at_ += next.length;
      }
    }
    const std::string_view name = text_.substr(begin, at_ - begin);
    if ((character() == '"' || character() == '\'') && name.size() <= 2 && is_string_prefix(name)) {
      scan_string(begin);
    } else {
      add(keyword_type(name), {begin, at_});
    }
  }

  /// at_ is at the quote; the prefix begins at `begin`.
  void scan_string(std::uint32_t begin) {
    const std::string_view prefix = text_.substr(begin, at_ - begin);
    const char quote = text_[at_];
    const bool triple = character(1) == quote && character(2) == quote;
    at_ += triple ? 3 : 1;
    if (prefix.find_first_of("fF") != std::string_view::npos) {
      const bool raw = prefix.find_first_of("rR") != std::string_view::npos;
      add(TokenType::FStringStart, {begin, at_});
      f_strings_.push_back({{begin, at_}, quote, triple, raw, {}});
      return;
    }
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\\') {
        ++at_;
      } else if (c == '\n' && !triple) {
        break;
      } else if (c == quote && (!triple || (character(1) == quote && character(2) == quote))) {
        at_ += triple ? 3 : 1;
        add(TokenType::String, {begin, at_});
        return;
      }
    }
    fail_open_string(begin, triple, quote);
  }

  [[noreturn]] void fail_open_string(std::uint32_t begin, bool triple, char quote) const {
    const std::string quotes(triple ? 3 : 1, quote);
    // A quote inside of an f-string's {…} may have been meant to close the f-string.
    if (!f_strings_.empty() && !f_strings_.back().fields.empty()) {
      const Span brace = stream_.tokens[f_strings_.back().fields.back().brace].span;
      fail(brace, "this `{` of an f-string is never closed",
           "write `}` behind the expression, or `{{` for a brace");
    }
    const auto end = static_cast<std::uint32_t>(std::min(text_.find('\n', begin), text_.size()));
    if (triple) fail({begin, end}, fmt::format("this string is never closed: expected {}", quotes));
    fail({begin, end}, "this string is not closed on its line",
         fmt::format("write {} at its end, or {}{}{} around text of several lines", quotes, quotes,
                     quotes, quotes));
  }

  /// Characters of an f-string up to a field, or of a format specification up to its end.
  void scan_literal() {
    OpenFString& string = f_strings_.back();
    const bool in_format = !string.fields.empty();
    const std::uint32_t begin = at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const bool doubled = !in_format && character(1) == c;
      if (c == '\\') {
        skip_escape(string.raw);
      } else if (c == string.quote && closes(string)) {
        if (in_format) fail_open_string(string.start.begin, string.triple, string.quote);
        end_literal(begin);
        at_ += string.triple ? 3 : 1;
        add(TokenType::FStringEnd, {at_ - (string.triple ? 3 : 1), at_});
        f_strings_.pop_back();
        return;
      } else if (c == '\n' && !string.triple) {
        if (!in_format) break;
        end_literal(begin);
        string.fields.back().in_format = false;
        return;
      } else if ((c == '{' || c == '}') && doubled) {
        at_ += 2;
      } else if (c == '{') {
        end_literal(begin);
        open_bracket(TokenType::LeftBrace);
        string.fields.push_back({last_index(), brackets_.size()});
        return;
      } else if (c == '}' && in_format) {
        end_literal(begin);
        close_field();
        return;
      } else if (c == '}') {
        fail({at_, at_ + 1}, "a single `}` in an f-string", "write `}}` for a brace");
      } else {
        ++at_;
      }
    }
    if (in_format) fail_open_string(string.start.begin, string.triple, string.quote);
    fail_open_f_string(string);
  }

  [[noreturn]] void fail_open_f_string(const OpenFString& string) const {
    const auto end =
        static_cast<std::uint32_t>(std::min(text_.find('\n', string.start.begin), text_.size()));
    const std::string quotes(string.triple ? 3 : 1, string.quote);
    fail({string.start.begin, end},
         string.triple ? fmt::format("this f-string is never closed: expected {}", quotes)
                       : "this f-string is not closed on its line",
         string.triple ? "" : fmt::format("write {} at its end", quotes));
  }

  bool closes(const OpenFString& string) const {
    return !string.triple || (character(1) == string.quote && character(2) == string.quote);
  }

  /// Braces are escaped by doubling only: a backslash before one stands for itself.
  void skip_escape(bool raw) {
    const char next = character(1);
    if (next == '{' || next == '}') {
      ++at_;
    } else if (!raw && next == 'N' && character(2) == '{') {
      const std::size_t end = text_.find_first_of("}\n\"'", at_);
      at_ = static_cast<std::uint32_t>(std::min(end, text_.size()));
      if (character() == '}') ++at_;
    } else {
      at_ = std::min<std::uint32_t>(at_ + 2, static_cast<std::uint32_t>(text_.size()));
    }
  }

  void end_literal(std::uint32_t begin) {
    if (at_ > begin) add(TokenType::FStringMiddle, {begin, at_});
  }

  void scan_operator() {
    if (in_field_itself()) {
      OpenFString::Field& field = f_strings_.back().fields.back();
      const char c = text_[at_];
      if (c == ':') {
        add(TokenType::Colon, {at_, at_ + 1});
        ++at_;
        field.in_format = true;
        return;
      }
      if (c == '!' && character(1) != '=') {
        add(TokenType::Exclamation, {at_, at_ + 1});
        ++at_;
        return;
      }
      if (c == '}') {
        close_field();
        return;
      }
    }
    const OperatorMatch match = match_operator(text_, at_);
    if (match.length == 0) fail_invalid_character(text_, at_);
    switch (match.type) {
      case TokenType::LeftParen:
      case TokenType::LeftBracket:
      case TokenType::LeftBrace:
        open_bracket(match.type);
        return;
      case TokenType::RightParen:
      case TokenType::RightBracket:
      case TokenType::RightBrace:
        close_bracket(match.type);
        return;
      default:
        add(match.type, {at_, at_ + match.length});
        at_ += match.length;
    }
  }

  /// True in an f-string's {…} outside of any brackets within.
  bool in_field_itself() const {
    return !f_strings_.empty() && f_strings_.back().fields.back().brackets == brackets_.size();
  }

  // Brackets.

  std::uint32_t last_index() const { return static_cast<std::uint32_t>(stream_.tokens.size() - 1); }

  void open_bracket(TokenType type) {
    if (brackets_.size() >= ast::most_brackets)
      fail({at_, at_ + 1},
           fmt::format("brackets stand in each other more than {} deep", ast::most_brackets));
    add(type, {at_, at_ + 1});
    ++at_;
    brackets_.push_back(last_index());
  }

  void close_bracket(TokenType type) {
    const Span here{at_, at_ + 1};
    const std::string_view closing = spelling(type);
    if (brackets_.empty())
      fail(here, fmt::format("this `{}` closes nothing: no bracket is open", closing),
           "leave it out");
    const Token& open = stream_.tokens[brackets_.back()];
    const auto expected = static_cast<TokenType>(static_cast<int>(open.type) + 1);
    if (expected != type)
      fail(here,
           fmt::format("this `{}` does not close `{}`, the last bracket that is open ({})", closing,
                       spelling(open.type), line_of(open.span.begin)),
           fmt::format("write `{}` first", spelling(expected)));
    add(type, here);
    ++at_;
    stream_.tokens[brackets_.back()].partner = last_index();
    stream_.tokens.back().partner = brackets_.back();
    brackets_.pop_back();
  }

  void close_field() {
    close_bracket(TokenType::RightBrace);
    f_strings_.back().fields.pop_back();
  }

  std::string line_of(std::uint32_t offset) const {
    const bool same = text_.substr(offset, at_ - offset).find('\n') == std::string_view::npos;
    if (same) return "on this line";
    const auto lines = std::count(text_.begin() + offset, text_.begin() + at_, '\n');
    return lines == 1 ? "on the line before" : fmt::format("{} lines above", lines);
  }

  [[noreturn]] void fail_open_bracket() const {
    const Token& open = stream_.tokens[brackets_.back()];
    const auto closing = static_cast<TokenType>(static_cast<int>(open.type) + 1);
    fail(open.span, fmt::format("this `{}` is never closed", spelling(open.type)),
         fmt::format("write the `{}` that belongs to it", spelling(closing)));
  }

  std::string_view text_;
  std::uint32_t at_;
  IndentationStack indentation_;
  std::vector<std::uint32_t> brackets_;  ///< indices of the open ones' tokens
  std::vector<OpenFString> f_strings_;
  TokenStream stream_;
};

}  // namespace

TokenStream tokenize(std::string_view code, Span section, bool is_cell) {
  return Tokenizer(code, section, is_cell).run();
}

}  // namespace gradient_check::python

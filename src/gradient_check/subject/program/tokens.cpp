#include "gradient_check/subject/program/tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>

namespace gradient_check {
namespace {

bool starts_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}
bool continues_name(char c) {
  return starts_name(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
}

bool is_string_prefix(char c) { return std::string_view("rRbBfFuU").find(c) != std::string::npos; }

class Tokenizer {
 public:
  explicit Tokenizer(const std::string& text) : text_(text) {}

  std::vector<Token> run() {
    while (at_ < text_.size()) {
      if (at_line_start_ && depth_ == 0) {
        indentation();
        continue;
      }
      step();
    }
    if (!tokens_.empty() && tokens_.back().kind != Token::Kind::newline)
      add(Token::Kind::newline, at_);
    for (; indents_.size() > 1; indents_.pop_back()) add(Token::Kind::dedent, at_);
    add(Token::Kind::end, at_);
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void add(Token::Kind kind, std::size_t end) {
    tokens_.push_back({kind, {at_, end}, text_.substr(at_, end - at_), line_});
    at_ = end;
  }

  void indentation() {
    std::size_t width = 0, i = at_;
    for (; i < text_.size() && (text_[i] == ' ' || text_[i] == '\t'); ++i)
      width += text_[i] == '\t' ? 8 - width % 8 : 1;
    at_ = i;
    if (peek() == '#' || peek() == '\n' || peek() == '\r' || i == text_.size()) {
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      if (at_ < text_.size()) next_line();
      return;
    }
    at_line_start_ = false;
    if (width > indents_.back()) {
      indents_.push_back(width);
      add(Token::Kind::indent, at_);
    }
    while (width < indents_.back()) {
      indents_.pop_back();
      add(Token::Kind::dedent, at_);
    }
  }

  void next_line() {
    ++at_;
    ++line_;
  }

  void step() {
    const char c = peek();
    if (c == '\n') {
      if (depth_ == 0) {
        tokens_.push_back({Token::Kind::newline, {at_, at_ + 1}, "\n", line_});
        at_line_start_ = true;
      }
      next_line();
    } else if (c == ' ' || c == '\t' || c == '\r') {
      ++at_;
    } else if (c == '#') {
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    } else if (c == '\\' && (peek(1) == '\n' || (peek(1) == '\r' && peek(2) == '\n'))) {
      at_ += peek(1) == '\r' ? 2 : 1;
      next_line();
    } else if (is_string()) {
      string();
    } else if (starts_name(c)) {
      std::size_t end = at_;
      while (end < text_.size() && continues_name(text_[end])) ++end;
      add(Token::Kind::name, end);
    } else if (std::isdigit(static_cast<unsigned char>(c)) != 0 ||
               (c == '.' && std::isdigit(static_cast<unsigned char>(peek(1))) != 0)) {
      number();
    } else {
      op();
    }
  }

  bool is_string() const {
    std::size_t i = at_;
    while (i < text_.size() && i < at_ + 2 && is_string_prefix(text_[i])) ++i;
    return i < text_.size() && (text_[i] == '"' || text_[i] == '\'');
  }

  void string() {
    std::size_t i = at_;
    while (text_[i] != '"' && text_[i] != '\'') ++i;
    const char quote = text_[i];
    const std::string triple(3, quote);
    const bool is_triple = text_.compare(i, 3, triple) == 0;
    i += is_triple ? 3 : 1;
    for (; i < text_.size(); ++i) {
      if (text_[i] == '\\')
        ++i;
      else if (is_triple ? text_.compare(i, 3, triple) == 0 : text_[i] == quote)
        break;
      else if (text_[i] == '\n' && !is_triple)
        i = text_.size();
    }
    if (i >= text_.size()) throw SyntaxError(fmt::format("line {}: a string is not closed", line_));
    add(Token::Kind::string, i + (is_triple ? 3 : 1));
    const std::string& literal = tokens_.back().text;
    line_ += static_cast<std::size_t>(std::count(literal.begin(), literal.end(), '\n'));
  }

  void number() {
    std::size_t end = at_;
    const bool has_exponent = peek(1) != 'x' && peek(1) != 'X';
    while (end < text_.size()) {
      const char c = text_[end];
      const bool sign = has_exponent && (c == '+' || c == '-') && end > at_ &&
                        (text_[end - 1] == 'e' || text_[end - 1] == 'E');
      if (!sign && c != '.' && !continues_name(c)) break;
      ++end;
    }
    add(Token::Kind::number, end);
  }

  void op() {
    static const char* const ops[] = {"**=", "//=", "<<=", ">>=", "...", "->", "**", "//",
                                      "==",  "!=",  "<=",  ">=",  "+=",  "-=", "*=", "/=",
                                      "@=",  "%=",  "&=",  "|=",  "^=",  "<<", ">>"};
    std::size_t length = 1;
    for (const char* candidate : ops)
      if (text_.compare(at_, std::char_traits<char>::length(candidate), candidate) == 0) {
        length = std::char_traits<char>::length(candidate);
        break;
      }
    const char c = peek();
    if (c == '(' || c == '[' || c == '{') ++depth_;
    if ((c == ')' || c == ']' || c == '}') && depth_ > 0) --depth_;
    add(Token::Kind::op, at_ + length);
  }

  const std::string& text_;
  std::size_t at_ = 0, line_ = 1, depth_ = 0;
  bool at_line_start_ = true;
  std::vector<std::size_t> indents_{0};
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(const std::string& text) { return Tokenizer(text).run(); }

}  // namespace gradient_check

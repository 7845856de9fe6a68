#include "tree_dump.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

namespace gradient_check::python {
namespace {

using namespace ast;

constexpr std::array expression_names{
    "Name",      "Constant",     "Attribute", "Call",           "BinOp",   "UnaryOp",  "Compare",
    "Subscript", "Slice",        "Tuple",     "List",           "Starred", "BoolOp",   "IfExp",
    "Dict",      "Set",          "JoinedStr", "FormattedValue", "Lambda",  "ListComp", "SetComp",
    "DictComp",  "GeneratorExp", "NamedExpr", "Await",          "Yield",   "YieldFrom"};
constexpr std::array statement_names{
    "Expr",     "Assign",      "AugAssign",  "AnnAssign", "For",      "While", "If",
    "With",     "FunctionDef", "ClassDef",   "Return",    "Delete",   "Raise", "Try",
    "Assert",   "Import",      "ImportFrom", "Global",    "Nonlocal", "Pass",  "Break",
    "Continue", "Match",       "TypeAlias",  "Print2",    "Exec2"};
constexpr std::array pattern_names{"MatchValue", "MatchSingleton", "MatchSequence", "MatchMapping",
                                   "MatchClass", "MatchStar",      "MatchAs",       "MatchOr"};

template <typename T>
concept HasFields = requires(T& value) {
  T::fields(value);
};

class Dumper {
 public:
  Dumper(const SourceText& source, bool with_positions)
      : source_(source), with_positions_(with_positions) {}

  std::string text;

  void value(bool flag) { text += flag ? "True" : "False"; }
  void value(int number) { text += std::to_string(number); }
  void value(char letter) { text += letter == 0 ? "-" : std::string(1, letter); }
  void value(const std::string& characters) { quoted(characters); }
  template <typename Enum>
  requires std::is_enum_v<Enum>
  void value(Enum which) { text += std::to_string(static_cast<int>(which)); }
  template <typename T>
  void value(const std::optional<T>& maybe) {
    if (maybe) {
      value(*maybe);
    } else {
      text += "None";
    }
  }
  template <typename T>
  void value(const std::vector<T>& list) {
    text += '[';
    for (const T& element : list) {
      value(element);
      text += ' ';
    }
    text += ']';
  }
  void value(const ExpressionPtr& node) { child(node, expression_names); }
  void value(const StatementPtr& node) { child(node, statement_names); }
  void value(const PatternPtr& node) { child(node, pattern_names); }
  void value(const ConstantValue& constant) {
    std::visit([this](const auto& alternative) { literal(alternative); }, constant);
  }
  template <HasFields T>
  void value(const T& part) {
    text += '(';
    if constexpr (std::is_base_of_v<Node, T>) position(part.span);
    fields(part);
    text += ')';
  }

 private:
  template <typename T>
  void fields(const T& part) {
    std::apply([this](const auto&... field) { ((value(field), text += ' '), ...); },
               T::fields(part));
  }

  template <typename Ptr, typename Names>
  void child(const Ptr& node, const Names& names) {
    if (!node) {
      text += "None";
      return;
    }
    text += '(';
    text += names[node->form.index()];
    text += ' ';
    position(node->span);
    std::visit([this](const auto& form) { fields(form); }, node->form);
    text += ')';
  }

  void position(Span span) {
    if (!with_positions_) return;
    const auto place = [this](std::uint32_t offset) {
      const std::size_t line = source_.line_index(offset);
      return fmt::format("{}:{}", line + 1, offset - source_.line_start(line));
    };
    text += place(span.begin) + "-" + place(span.end) + " ";
  }

  void quoted(std::string_view characters) {
    text += '"';
    for (const char c : characters) {
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
      } else {
        text += c;
      }
    }
    text += '"';
  }

  void literal(NoneConstant) { text += "None"; }
  void literal(EllipsisConstant) { text += "Ellipsis"; }
  void literal(bool flag) { value(flag); }
  void literal(std::int64_t number) { text += fmt::format("int:{}", number); }
  void literal(const BigInteger& number) { text += "int:" + hexadecimal(number.digits); }
  void literal(double number) {
    text += fmt::format("float:{:016x}", std::bit_cast<std::uint64_t>(number));
  }
  void literal(Imaginary number) {
    text += fmt::format("complex:{:016x}", std::bit_cast<std::uint64_t>(number.value));
  }
  void literal(const std::string& characters) { quoted(characters); }
  void literal(const Bytes& bytes) {
    text += 'b';
    quoted(bytes.value);
  }

  /// By repeated division, so that Python's integers can be compared with.
  static std::string hexadecimal(std::string digits) {
    unsigned base = 10;
    if (digits[0] == '0') {
      const char letter = static_cast<char>(digits[1] | 0x20);
      base = letter == 'x' ? 16 : letter == 'o' ? 8 : 2;
      digits = digits.substr(2);
    }
    std::vector<unsigned> limbs;
    for (const char c : digits) {
      unsigned carry =
          c <= '9' ? static_cast<unsigned>(c - '0') : static_cast<unsigned>((c | 0x20) - 'a') + 10;
      for (unsigned& limb : limbs) {
        carry += limb * base;
        limb = carry % 16;
        carry /= 16;
      }
      while (carry != 0) {
        limbs.push_back(carry % 16);
        carry /= 16;
      }
    }
    std::string result = "0x";
    for (auto limb = limbs.rbegin(); limb != limbs.rend(); ++limb)
      result += "0123456789abcdef"[*limb];
    return result;
  }

  const SourceText& source_;
  bool with_positions_;
};

}  // namespace

std::string dump(const ast::Module& module, bool with_positions) {
  Dumper dumper(*module.source, with_positions);
  dumper.value(module.body);
  return std::move(dumper.text);
}

}  // namespace gradient_check::python

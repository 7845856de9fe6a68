#include "gradient_check/subject/program/error_text.h"

#include <fmt/format.h>

#include <regex>
#include <sstream>

#include "gradient_check/case/suggest.h"

namespace gradient_check {
namespace {

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string trimmed(const std::string& text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string::npos) return "";
  return text.substr(start, text.find_last_not_of(" \t\r\n") - start + 1);
}

/// The innermost place in the program that the message names: the last `File "LABEL", line N` with
/// the carets under its source line.
std::optional<Place> find_place(const PythonSource& source, const std::vector<std::string>& lines) {
  const std::string marker = fmt::format("File \"{}\", line ", source.label);
  std::optional<Place> place;
  bool open = false;
  for (const std::string& text : lines) {
    if (const std::size_t at = text.find(marker); at != std::string::npos) {
      place = place_in(source, std::stoul(text.substr(at + marker.size())), 1, 1);
      open = true;
      continue;
    }
    if (text.find("File \"") != std::string::npos) open = false;
    const std::size_t tilde = text.find('~');
    if (!open || tilde == std::string::npos || text.find_first_not_of(' ') != tilde) continue;
    place->column = tilde + 1;
    place->width = text.find_first_not_of('~', tilde) == std::string::npos
                       ? text.size() - tilde
                       : text.find_first_not_of('~', tilde) - tilde;
    open = false;
  }
  return place;
}

std::string after_last(const std::string& message, const std::string& marker) {
  const std::size_t at = message.rfind(marker);
  return at == std::string::npos ? "" : message.substr(at + marker.size());
}

/// One variant of an overload list: its name, its arguments, and why it was not taken.
struct Variant {
  std::string name, signature;
  std::vector<std::string> reasons;
};

std::vector<Variant> read_variants(const std::vector<std::string>& lines) {
  static const std::regex head(R"(^\s*(?:aten::|prim::)?(\w+)(?:\.\w+)?(\(.*) -> .*:$)");
  std::vector<Variant> variants;
  for (const std::string& line : lines) {
    if (line.rfind("The original call", 0) == 0) break;
    std::smatch match;
    if (std::regex_match(line, match, head)) {
      variants.push_back({match[1], match[2], {}});
    } else if (!variants.empty() && !trimmed(line).empty()) {
      variants.back().reasons.push_back(trimmed(line));
    }
  }
  return variants;
}

std::vector<std::string> names_in_signature(const std::string& signature) {
  static const std::regex argument(R"((\w+)(?:=[^,)]*)?(?=[,)]))");
  std::vector<std::string> names;
  for (std::sregex_iterator it(signature.begin(), signature.end(), argument), end; it != end; ++it)
    names.push_back((*it)[1]);
  return names;
}

/// Why a call fits no form of the function: what the form that comes nearest lacks. LibTorch lists
/// the form for tensors first.
std::string explain_call(const std::vector<std::string>& lines) {
  const std::vector<Variant> variants = read_variants(lines);
  if (variants.empty()) return "these arguments do not fit the function";
  const Variant& form = variants.front();
  const std::string reason = form.reasons.empty() ? "" : form.reasons.front();
  std::smatch match;
  if (std::regex_match(reason, match, std::regex(R"(Argument (\w+) not provided\.)")))
    return fmt::format("{} needs another argument: '{}' is missing", form.name,
                       std::string(match[1]));
  if (std::regex_match(reason, match, std::regex(R"(Keyword argument (\w+) unknown\.)")))
    return fmt::format("{} has no argument named '{}'{}", form.name, std::string(match[1]),
                       suggest(std::string(match[1]), names_in_signature(form.signature)));
  if (std::regex_search(
          reason, match,
          std::regex(
              R"(Expected a value of type '(.+)' for argument '(\w+)' but instead found type '(.+?)(?: \(inferred\))?')")))
    return fmt::format("{} expects {} for its argument '{}', found {}", form.name,
                       std::string(match[1]), std::string(match[2]), std::string(match[3]));
  if (std::regex_search(reason, match,
                        std::regex(R"(Expected at most (\d+) arguments but found (\d+))")))
    return fmt::format("{} takes at most {} positional arguments, found {}", form.name,
                       std::string(match[1]), std::string(match[2]));
  return fmt::format("{}: {}", form.name, first_sentence(reason));
}

std::string compile_message(const std::string& message, const std::vector<std::string>& lines) {
  std::smatch match;
  if (message.find("Arguments for call are not valid") != std::string::npos)
    return explain_call(lines);
  if (std::regex_search(message, match, std::regex(R"(Unknown builtin op: aten::([\w.]*\w))"))) {
    std::vector<std::string> near;
    static const std::regex op(R"(^\s*aten::(\w+)$)");
    for (const std::string& line : lines)
      if (std::smatch found; std::regex_match(line, found, op)) near.push_back(found[1]);
    const std::string hint = suggest(std::string(match[1]), near);
    if (match[1] == "no_grad" || match[1] == "enable_grad" || match[1] == "inference_mode")
      return fmt::format(
          "torch.{} has no place here: gradient-check decides what is differentiated, "
          "and a hand-written backward is not; write what is in it without it",
          std::string(match[1]));
    return fmt::format("there is no operator torch.{}{}", std::string(match[1]),
                       hint.find("did you mean") != std::string::npos ? hint : "");
  }
  if (std::regex_search(message, match, std::regex(R"(undefined value (\w+))")))
    return fmt::format("'{}' is not defined here", std::string(match[1]));
  if (std::regex_search(
          message, match,
          std::regex(R"('?(.+?)(?: \(inferred\))?' object has no attribute or method '(\w+)')")))
    return fmt::format("a {} has no attribute or method '{}'", trimmed(match[1]),
                       std::string(match[2]));
  return first_sentence(message);
}

std::string runtime_message(const std::string& message) {
  static const std::regex xor_on_floats(R"("\w*(xor)\w*" not implemented for)");
  std::string text = after_last(message, "RuntimeError: ");
  if (text.empty()) text = message;
  if (std::regex_search(text, xor_on_floats))
    return "^ is exclusive or, which floating-point tensors do not have; a power is written **";
  return first_sentence(text);
}

}  // namespace

std::string first_sentence(const std::string& message) {
  for (const std::string& line : split_lines(message)) {
    std::string text = trimmed(line);
    if (text.empty() || text.rfind("Exception raised from", 0) == 0) continue;
    while (!text.empty() && (text.back() == ':' || text.back() == '.')) text.pop_back();
    return text;
  }
  return "unknown error";
}

SubjectError program_error(const PythonSource& source, const std::string& libtorch_message) {
  const std::vector<std::string> lines = split_lines(libtorch_message);
  const std::optional<Place> place = find_place(source, lines);
  const bool at_run_time = libtorch_message.find("Traceback of TorchScript") != std::string::npos;
  return {place, at_run_time ? runtime_message(libtorch_message)
                             : compile_message(libtorch_message, lines)};
}

}  // namespace gradient_check

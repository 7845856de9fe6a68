#include "gradient_check/case/program_loader.h"

namespace gradient_check {
namespace {

std::string text_at(const JsonCursor& at, std::string_view what) {
  const std::string& text = at.as_string(what);
  if (text.empty()) at.fail("this is empty; leave it out, or name one");
  return text;
}

GradientNames load_gradient_names(const JsonCursor& gradients) {
  constexpr const char* what =
      "gradients of a program: an array of names in the order of what is returned, such as "
      "[\"x\", null, \"w\"], or an object such as {\"d_w\": \"w\"}";
  GradientNames names;
  if (gradients->is_object()) {
    for (const JsonMember& member : gradients->members)
      names.names.emplace_back(member.key,
                               text_at(gradients.member(member), "the name of a tensor"));
    return names;
  }
  gradients.expect_array(what);
  for (std::size_t i = 0; i < gradients->items.size(); ++i) {
    const JsonCursor at = gradients.item(i);
    names.positions.push_back(at->kind == JsonValue::Kind::null
                                  ? std::nullopt
                                  : std::optional(text_at(at, "the name of a tensor, or null")));
  }
  if (names.empty()) gradients.fail("this is empty; leave it out, or name one");
  return names;
}

}  // namespace

const std::vector<std::string>& program_keys() {
  static const std::vector<std::string> keys{"file",      "source", "entry",    "arguments",
                                             "gradients", "loss",   "reference"};
  return keys;
}

ProgramOptions load_program_options(const JsonCursor& program) {
  ProgramOptions options;
  for (const JsonMember& member : program->members) {
    const JsonCursor at = program.member(member);
    if (member.key == "entry") options.entry = text_at(at, "an entry's name");
    if (member.key == "loss") options.loss = text_at(at, "a variable or an expression");
    if (member.key == "reference") options.reference = text_at(at, "a function's name");
    if (member.key == "gradients") options.gradients = load_gradient_names(at);
    if (member.key != "arguments") continue;
    at.expect_object("arguments, an object of numbers, strings, arrays, objects and null by name");
    options.arguments = at;
  }
  return options;
}

}  // namespace gradient_check

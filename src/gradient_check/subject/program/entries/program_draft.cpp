#include "gradient_check/subject/program/entries/program_draft.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gradient_check {
namespace {

std::string json_text(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string object_of(const ProgramDraft::Values& values, const char* between) {
  std::vector<std::string> members;
  for (const auto& [name, json] : values)
    members.push_back(fmt::format("{}: {}", json_text(name), json));
  return fmt::format("{}", fmt::join(members, between));
}

std::string section(const char* comment, const char* key, const ProgramDraft::Values& values) {
  if (values.empty()) return "";
  return fmt::format("  // {}\n  \"{}\": {{\n    {}\n  }},\n\n", comment, key,
                     object_of(values, ",\n    "));
}

/// The shape of a drawn tensor, or the JSON itself.
std::string short_text(const std::string& json) {
  const auto value = nlohmann::json::parse(json, nullptr, false);
  if (value.is_object() && value.contains("shape")) return value["shape"].dump();
  if (value.is_object() && value.contains("data")) return value["data"].dump();
  return json;
}

}  // namespace

std::string ProgramDraft::text() const {
  std::string program = fmt::format("\"file\": {}", json_text(file));
  if (!entry.empty()) program += fmt::format(", \"entry\": {}", json_text(entry));
  if (!arguments.empty())
    program += fmt::format(",\n              \"arguments\": {{{}}}", object_of(arguments, ", "));
  std::string text = "{\n";
  if (!taken.empty())
    text += fmt::format("  // Found by trying until forward and backward ran; put your own: {}\n",
                        fmt::join(taken, ", "));
  text += section(
      "What is not learned. A tensor may also be nested arrays, or a file: {\"file\": "
      "\"x.npy\"}",
      "inputs", inputs);
  text += section("What is learned: each needs a gradient.", "parameters", parameters);
  if (!dtype.empty()) text += fmt::format("  \"dtype\": {},\n", json_text(dtype));
  text += fmt::format("  \"program\": {{{}}}\n", program);
  return text + "}\n";
}

std::string ProgramDraft::taken_text() const {
  std::vector<std::string> texts;
  for (const Values* values : {&inputs, &parameters, &arguments})
    for (const auto& [name, json] : *values)
      if (std::find(taken.begin(), taken.end(), name) != taken.end())
        texts.push_back(fmt::format("{} {}", name, short_text(json)));
  return fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace gradient_check

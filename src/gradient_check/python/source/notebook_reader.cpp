#include "gradient_check/python/source/notebook_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "gradient_check/python/source/notebook_magics.h"
#include "gradient_check/python/source/source_error.h"
#include "gradient_check/python/source/text_decoder.h"

namespace gradient_check::python {
namespace {

using Json = nlohmann::json;

/// Pictures in the outputs make notebooks much larger than their programs.
constexpr std::size_t largest_notebook = 64u << 20;

[[noreturn]] void fail_notebook(const std::string& label, const std::string& message) {
  throw SourceError(label + ": " + message);
}

Json parse_notebook(const std::string& label, std::string_view bytes) {
  if (bytes.size() > largest_notebook)
    fail_notebook(label, fmt::format("a notebook of {} bytes; at most {} are read", bytes.size(),
                                     largest_notebook));
  if (bytes.compare(0, 3, "\xef\xbb\xbf") == 0) bytes.remove_prefix(3);
  try {
    return Json::parse(bytes.begin(), bytes.end());
  } catch (const Json::parse_error& error) {
    const std::string_view before = bytes.substr(0, error.byte == 0 ? 0 : error.byte - 1);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;
    fail_notebook(fmt::format("{}:{}:{}", label, line, column),
                  "this is no notebook: its JSON is broken here");
  }
}

const Json* member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string text_member(const Json* object, const char* name) {
  const Json* value = object == nullptr ? nullptr : member(*object, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

void check_language(const std::string& label, const Json& notebook) {
  const Json* metadata = member(notebook, "metadata");
  if (metadata == nullptr) return;
  std::string language = text_member(member(*metadata, "kernelspec"), "language");
  if (language.empty()) language = text_member(member(*metadata, "language_info"), "name");
  if (language.empty() || language.find("ython") != std::string::npos) return;
  fail_notebook(label, fmt::format("this notebook's language is {}, not Python", language));
}

/// nbformat 4 has cells at the top, nbformat 3 in worksheets.
std::vector<const Json*> code_cells(const std::string& label, const Json& notebook) {
  std::vector<const Json*> lists;
  if (const Json* cells = member(notebook, "cells")) {
    lists.push_back(cells);
  } else if (const Json* worksheets = member(notebook, "worksheets");
             worksheets != nullptr && worksheets->is_array()) {
    for (const Json& worksheet : *worksheets)
      if (const Json* cells = member(worksheet, "cells")) lists.push_back(cells);
  }
  if (lists.empty()) fail_notebook(label, "this is no notebook: it has no \"cells\"");
  std::vector<const Json*> result;
  for (const Json* list : lists) {
    if (!list->is_array()) fail_notebook(label, "this is no notebook: \"cells\" is no list");
    for (const Json& cell : *list)
      if (text_member(&cell, "cell_type") == "code") result.push_back(&cell);
  }
  return result;
}

std::string cell_text(const std::string& label, const Json& cell) {
  const Json* source = member(cell, "source");
  if (source == nullptr) source = member(cell, "input");
  std::string text;
  if (source != nullptr && source->is_string()) {
    text = source->get<std::string>();
  } else if (source != nullptr && source->is_array()) {
    for (const Json& line : *source) {
      if (!line.is_string())
        fail_notebook(label, "a code cell's \"source\" has a line that is no text");
      text += line.get<std::string>();
    }
  } else {
    fail_notebook(label, "a code cell has no \"source\"");
  }
  if (text.find('\0') != std::string::npos)
    fail_notebook(label, "a null character, which no program text has");
  text = with_unix_line_ends(text);
  if (text.empty() || text.back() != '\n') text += '\n';
  return text;
}

}  // namespace

std::shared_ptr<const SourceText> read_notebook(const std::string& label, std::string_view bytes) {
  const Json notebook = parse_notebook(label, bytes);
  const std::vector<const Json*> cells = code_cells(label, notebook);
  check_language(label, notebook);
  std::vector<std::string> texts, codes;
  std::size_t size = 0;
  for (const Json* cell : cells) {
    texts.push_back(cell_text(label, *cell));
    size += texts.back().size();
    codes.push_back(without_magics(texts.back()));
  }
  if (size > longest_source)
    fail_notebook(
        label, fmt::format("{} bytes of program text; at most {} are read", size, longest_source));
  return std::make_shared<SourceText>(label, texts, codes);
}

}  // namespace gradient_check::python

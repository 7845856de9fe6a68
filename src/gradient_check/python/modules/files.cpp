#include <cmath>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "gradient_check/case/tensor_file/tensor_file.h"
#include "gradient_check/python/modules/table.h"
#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

// What np.load, np.loadtxt, torch.load and os.path.exists are made of. Programs get tensors and
// numbers, never a file's text.

namespace gradient_check::python {
namespace {

constexpr std::uintmax_t largest_table = 64U << 20U;

std::filesystem::path readable(Interpreter& interpreter, const std::string& name) {
  if (const auto path = interpreter.files.find(name)) return *path;
  raise(ErrorKind::FileNotFoundError,
        "[Errno 2] No such file or directory: '{}' (files are looked up beside the program, and "
        "nowhere outside the case's folder; or give what it holds under \"inputs\")",
        name);
}

Value files_is_file(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("is_file", "name, /", arguments);
  return Value::boolean(interpreter.files.find(parameters.text(0)).has_value());
}

/// The tensors of a file, (name, tensor) each.
Value files_tensors(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("tensors", "name, /", arguments);
  auto pairs = make<List>(interpreter.heap, std::vector<Value>{});
  try {
    for (const auto& [name, tensor] : read_tensor_file(readable(interpreter, parameters.text(0))))
      pairs->elements.push_back(
          make<Tuple>(std::vector<Value>{Value::string(name), value_of(tensor)}));
  } catch (const TensorFileError& error) {
    value_error("{}: {}", parameters.text(0), error.what());
  }
  return pairs;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

/// The fields of a line: between delimiters, or without any between blanks.
std::vector<std::string_view> fields_of(std::string_view line, std::string_view delimiter) {
  std::vector<std::string_view> fields;
  if (delimiter.empty()) {
    while (!(line = trimmed(line)).empty()) {
      const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
      fields.push_back(line.substr(0, end));
      line.remove_prefix(end);
    }
    return fields;
  }
  while (true) {
    const std::size_t end = line.find(delimiter);
    fields.push_back(trimmed(line.substr(0, end)));
    if (end == std::string_view::npos) return fields;
    line.remove_prefix(end + delimiter.size());
  }
}

/// A number; unset where the field is none.
Value number_in(std::string_view field) {
  const std::string text(field);
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  const bool is_whole = !text.empty() && end == text.c_str() + text.size();
  return is_whole && text.find_first_of("xX") == std::string::npos ? Value::real(number) : Value();
}

/// The rows of a table of numbers. `lenient`: what is no number is nan, as genfromtxt has it.
Value files_numbers(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("numbers", "name, delimiter, comments, skip, lenient, /", arguments);
  const std::string text =
      ProgramFiles::read(readable(interpreter, parameters.text(0)), largest_table);
  const std::string &delimiter = parameters.text(1), &comments = parameters.text(2);
  const bool is_lenient = parameters[4].as_boolean();
  auto rows = make<List>(interpreter.heap, std::vector<Value>{});
  std::int64_t line_number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    interpreter.count_step();
    if (++line_number <= parameters.integer(3)) continue;
    if (!comments.empty()) line = line.substr(0, line.find(comments));
    if (trimmed(line).empty()) continue;
    std::vector<Value> numbers;
    for (const std::string_view field : fields_of(line, delimiter)) {
      Value number = number_in(field);
      if (!number.is_set() && !is_lenient)
        value_error("could not convert string to float: '{}' ({}, line {})", std::string(field),
                    parameters.text(0), line_number);
      if (!number.is_set()) number = Value::real(std::numeric_limits<double>::quiet_NaN());
      numbers.push_back(std::move(number));
    }
    rows->elements.push_back(make<List>(interpreter.heap, std::move(numbers)));
  }
  return rows;
}

constexpr NativeRow files_rows[] = {
    {"is_file", files_is_file}, {"tensors", files_tensors}, {"numbers", files_numbers}};

}  // namespace

void fill_files(Interpreter&, Module& module) { add_functions(module, files_rows); }

}  // namespace gradient_check::python

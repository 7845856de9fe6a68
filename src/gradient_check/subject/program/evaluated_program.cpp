#include "gradient_check/subject/program/evaluated_program.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/scalar_tensor.h>
#include <c10/core/DefaultDtype.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>

#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/code.h"
#include "gradient_check/python/runtime/frame.h"
#include "gradient_check/python/runtime/function.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/convert.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"
#include "gradient_check/python/runtime/text.h"
#include "gradient_check/python/source/source_error.h"
#include "gradient_check/python/source/source_reader.h"
#include "gradient_check/python/syntax/parser.h"
#include "gradient_check/subject/program/advice.h"
#include "gradient_check/subject/program/forward_of_step.h"
#include "gradient_check/subject/program/without_no_grad.h"
#include "gradient_check/subject/saved_values.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;
using python::Kind;
using python::Value;

/// A line of more characters is not shown.
constexpr std::size_t longest_shown_line = 1000;

Place place_in(const python::SourceText& source, python::Span span) {
  const python::Position at = source.position(span.begin);
  const std::size_t index = source.line_index(span.begin);
  const std::size_t column = span.begin - source.line_start(index);
  const std::string_view line = source.line_text(index);
  const std::size_t end = std::min<std::size_t>(line.size(), column + span.size());
  Place place{source.label(), at.line, column + 1, std::max<std::size_t>(1, end - column), ""};
  if (line.size() <= longest_shown_line) place.source_line = line;
  return place;
}

ast::Module parsed(const std::string& label, const std::string& text, bool is_code) {
  std::shared_ptr<const python::SourceText> source;
  try {
    source = is_code ? std::make_shared<python::SourceText>(label, text)
                     : python::read_source(label, text);
    return without_no_grad(python::parse(source));
  } catch (const python::SourceError& error) {
    throw SubjectError(std::nullopt, error.what());
  } catch (const python::SyntaxError& error) {
    throw SubjectError(place_in(*source, error.span()),
                       error.message() + (error.help().empty() ? "" : "; " + error.help()));
  }
}

bool imports(const ast::Module& tree, const std::string& module) {
  const auto is_of = [&](const std::string& name) {
    return name.substr(0, name.find('.')) == module;
  };
  return std::any_of(tree.body.begin(), tree.body.end(), [&](const ast::StatementPtr& statement) {
    if (const auto* from = statement->as<ast::ImportFrom>())
      return from->module && is_of(*from->module);
    const auto* import = statement->as<ast::Import>();
    return import && std::any_of(import->names.begin(), import->names.end(),
                                 [&](const ast::Alias& alias) { return is_of(alias.name); });
  });
}

/// A message quotes what the program says; nobody reads more of it.
constexpr std::size_t longest_message = 600;

std::string bounded(std::string message) {
  if (message.size() <= longest_message) return message;
  std::size_t end = longest_message;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xc0U) == 0x80U) --end;
  message.resize(end);
  return message + "…";
}

/// The program's own place among those that an exception passed, and what it raised.
SubjectError error_of(const ast::Module& tree, const python::ProgramError& error) {
  const std::string message = bounded(error.message);
  for (const python::TraceEntry& entry : error.trace) {
    if (entry.source == tree.source)
      return {place_in(*tree.source, entry.span), message + advice_on(message, tree, entry.span)};
    const bool is_users = entry.source && !entry.source->label().starts_with('<');
    if (is_users) return {place_in(*entry.source, entry.span), message};  // a file beside it
  }
  return {std::nullopt, message};
}

/// "Tuple[Tensor, int]"
std::string type_of(const Value& value) {
  if (value.is(Kind::tensor)) return "Tensor";
  const auto* tuple = value.get_if<python::Tuple>();
  if (!tuple || tuple->fields) return python::type_name(value);
  std::vector<std::string> parts;
  for (const Value& element : tuple->elements) parts.push_back(type_of(element));
  return fmt::format("Tuple[{}]", fmt::join(parts, ", "));
}

/// The tensor that a single value is; undefined if it is none.
at::Tensor single_tensor(const Value& value) {
  if (value.is(Kind::tensor)) return python::tensor_of(value);
  if (const python::Array* array = python::as_array(value)) return array->tensor;
  if (value.is(Kind::real))
    return at::scalar_tensor(value.as_real(), c10::get_default_dtype_as_scalartype());
  if (value.is_integral()) return at::scalar_tensor(value.as_integer(), at::kLong);
  return {};
}

void add_tensors(const Value& value, std::vector<at::Tensor>& tensors) {
  if (const at::Tensor single = single_tensor(value); single.defined()) {
    tensors.push_back(single);
  } else if (const auto* tuple = value.get_if<python::Tuple>()) {
    for (const Value& element : tuple->elements) add_tensors(element, tensors);
  } else if (const auto* list = value.get_if<python::List>()) {
    for (const Value& element : list->elements) add_tensors(element, tensors);
  } else {
    throw std::invalid_argument(type_of(value));
  }
}

}  // namespace

EvaluatedProgram::EvaluatedProgram(const std::string& label, const std::string& text,
                                   at::ScalarType dtype, bool is_code)
    : EvaluatedProgram(parsed(label, text, is_code), dtype) {}

EvaluatedProgram::EvaluatedProgram(ast::Module tree, at::ScalarType dtype)
    : tree_(std::move(tree)),
      part_(tree_),
      dtype_(dtype),
      gives_arrays_(imports(tree_, "numpy") && !imports(tree_, "torch")) {}

python::Program& EvaluatedProgram::running() const {
  const at::ScalarType evaluated = c10::get_default_dtype_as_scalartype();
  auto& program = programs_[evaluated];
  if (program) return *program;
  python::WidenedTypes widened;
  if (evaluated == at::kDouble && dtype_ != at::kDouble) widened.bytes = c10::elementSize(dtype_);
  const at::AutoGradMode restored(at::GradMode::is_enabled());
  try {
    program = std::make_unique<python::Program>(part_, nullptr, widened);
  } catch (const python::ProgramError& error) {
    throw error_of(error);
  }
  return *program;
}

bool EvaluatedProgram::has(const std::string& function) const {
  return function_named(tree_, function) != nullptr;
}

std::vector<std::string> EvaluatedProgram::function_names() const {
  std::vector<std::string> names;
  for (const ast::StatementPtr& statement : tree_.body)
    if (const auto* function = statement->as<ast::FunctionDef>()) names.push_back(function->name);
  return names;
}

const std::vector<ast::Parameter>& EvaluatedProgram::parameters(const std::string& function) const {
  return function_named(tree_, function)->as<ast::FunctionDef>()->parameters;
}

Place EvaluatedProgram::place_of(python::Span span) const { return place_in(*tree_.source, span); }

Place EvaluatedProgram::definition_place(const std::string& function) const {
  const ast::StatementPtr found = function_named(tree_, function);
  return place_of(found ? found->as<ast::FunctionDef>()->name_span : python::Span{0, 1});
}

Value EvaluatedProgram::argument(const ast::Parameter& parameter, const at::Tensor& tensor) const {
  const auto* declared = parameter.annotation ? parameter.annotation->as<ast::Name>() : nullptr;
  if (declared && tensor.numel() == 1) {
    if (declared->id == "int") return Value::integer(tensor.item().toLong());
    if (declared->id == "float") return Value::real(tensor.item().toDouble());
    if (declared->id == "bool") return Value::boolean(tensor.item().toBool());
  }
  return tensor_value(tensor);
}

Value EvaluatedProgram::tensor_value(const at::Tensor& tensor) const {
  return gives_arrays_ ? python::array_value(tensor) : python::value_of(tensor);
}

void EvaluatedProgram::reseed() const {
  python::Interpreter& interpreter = running().interpreter();
  for (const char* module : {"numpy", "random"}) {
    if (!imports(part_, module)) continue;
    const std::string name = module == std::string("numpy") ? "numpy.random" : module;
    guarded([&] {
      const Value seed = interpreter.import_module(name)->get(interpreter, "seed");
      return python::call(interpreter, seed, {Value::integer(0)});
    });
  }
}

at::Tensor EvaluatedProgram::tensor_in(const Value& value) { return single_tensor(value); }

void EvaluatedProgram::run_only(ast::Module part) {
  part_ = std::move(part);
  if (imports(part_, "numpy") || imports(part_, "torch"))
    gives_arrays_ = imports(part_, "numpy") && !imports(part_, "torch");
}

Value EvaluatedProgram::variable(const std::string& name) const {
  return guarded([&] {
    const std::size_t dot = name.find('.');
    Value value = running().variable(name.substr(0, dot));
    if (!value.is_set())
      python::raise(python::ErrorKind::NameError, "name '{}' is not defined", name);
    if (dot == std::string::npos) return value;
    const auto attribute = python::make<python::Text>(name.substr(dot + 1));
    return python::get_attribute(running().interpreter(), value, *attribute);
  });
}

Value EvaluatedProgram::call(const std::string& function, const NamedTensors& values,
                             const Values& others) const {
  python::Program& program = running();
  std::vector<Value> given, names;
  for (const ast::Parameter& parameter : parameters(function)) {
    const at::Tensor* tensor = values.find(parameter.name);
    const auto other = others.find(parameter.name);
    if (!tensor && other == others.end()) continue;
    given.push_back(tensor ? argument(parameter, *tensor)
                           : from_environment(program.interpreter(), other->second, gives_arrays_));
    names.push_back(Value::string(parameter.name));
  }
  return guarded([&] {
    return python::call(program.interpreter(), program.variable(function),
                        {given.data(), given.size(), names.data(), names.size()});
  });
}

Value EvaluatedProgram::call_aloud(const std::string& function, const NamedTensors& values,
                                   const Values& others) const {
  auto& print = running().interpreter().print;
  print = [](std::string_view text) { std::cerr << text; };
  try {
    Value result = call(function, values, others);
    print = nullptr;
    return result;
  } catch (...) {
    print = nullptr;
    throw;
  }
}

std::string EvaluatedProgram::type_of(const Value& value) { return gradient_check::type_of(value); }

std::vector<at::Tensor> EvaluatedProgram::tensors_of(const Value& value) const {
  std::vector<at::Tensor> tensors;
  try {
    add_tensors(value, tensors);
  } catch (const std::invalid_argument&) {
    throw std::invalid_argument(type_of(value));
  }
  return tensors;
}

NamedTensors EvaluatedProgram::gradients_of(const Value& value) const {
  const auto* dictionary = value.get_if<python::Dict>();
  if (!dictionary) throw std::invalid_argument(type_of(value));
  NamedTensors gradients;
  for (const auto& entry : dictionary->table.entries()) {
    if (!entry.key.is(Kind::string))
      throw std::invalid_argument(fmt::format("a dictionary with a {} as key", type_of(entry.key)));
    const at::Tensor gradient = single_tensor(entry.value);
    if (!gradient.defined())
      throw std::invalid_argument(fmt::format("a dictionary whose '{}' is a {}",
                                              python::text_of(entry.key), type_of(entry.value)));
    gradients.set(python::text_of(entry.key), gradient);
  }
  return gradients;
}

SubjectError EvaluatedProgram::error_of(const python::ProgramError& error) const {
  return gradient_check::error_of(tree_, error);
}

std::optional<RunningPlace> EvaluatedProgram::running_place() const {
  const auto found = programs_.find(c10::get_default_dtype_as_scalartype());
  if (found == programs_.end() || !found->second) return std::nullopt;
  return running_place(found->second->interpreter());
}

std::optional<RunningPlace> EvaluatedProgram::running_place(
    const python::Interpreter& interpreter) const {
  std::optional<RunningPlace> running;
  for (const python::Frame* frame = interpreter.frame; frame; frame = frame->caller) {
    if (frame->code.tree.source != tree_.source || !frame->at) continue;
    const Place place = place_of(frame->at->span);
    const std::string text(tree_.source->text(frame->at->span));
    if (!running) {
      running.emplace();
      running->place = place;
      running->text = text;
    } else {
      running->call = place;
      running->call_text = text;
    }
  }
  return running;
}

}  // namespace gradient_check

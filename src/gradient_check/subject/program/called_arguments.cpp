#include "gradient_check/subject/program/called_arguments.h"

#include <algorithm>
#include <stdexcept>

#include "gradient_check/subject/program/argument_names.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;

std::vector<std::string> needed_arguments(const std::vector<ast::Parameter>& parameters,
                                          bool with_cotangent) {
  std::vector<std::string> names;
  for (const ast::Parameter& parameter : parameters) {
    if (parameter.kind == ast::ParameterKind::var_positional ||
        parameter.kind == ast::ParameterKind::var_keyword)
      continue;
    if (!parameter.default_value || (with_cotangent && parameter.name == cotangent_argument))
      names.push_back(parameter.name);
  }
  return names;
}

/// List[Tensor], list, Tuple[Tensor, Tensor]: an argument that takes all cotangents.
CotangentArguments::Argument declared_as(const ast::Parameter& parameter,
                                         const python::SourceText& source) {
  using Form = CotangentArguments::Form;
  CotangentArguments::Argument argument{parameter.name};
  if (!parameter.annotation) return argument;
  argument.declared = source.text(parameter.annotation->span);
  const auto* subscript = parameter.annotation->as<ast::Subscript>();
  const ast::Expression& head = subscript ? *subscript->value : *parameter.annotation;
  const auto* name = head.as<ast::Name>();
  const auto* attribute = head.as<ast::Attribute>();
  const std::string word = name ? name->id : attribute ? attribute->attr : "";
  if (word == "List" || word == "list") argument.form = Form::list;
  if (word == "Tuple" || word == "tuple") argument.form = Form::tuple;
  const auto* parts = subscript ? subscript->slice->as<ast::Tuple>() : nullptr;
  argument.size = parts ? parts->elts.size() : 1;
  return argument;
}

/// The names that the case gives values.
std::vector<std::string> given_names(const Case& loaded, bool with_tangents) {
  std::vector<std::string> names;
  for (const auto* tensors : {&loaded.inputs, &loaded.parameters})
    for (const auto& [key, tensor] : *tensors) {
      names.push_back(key);
      if (with_tangents) names.push_back(key + tangent_suffix);
    }
  return names;
}

}  // namespace

void expect_arguments(const EvaluatedProgram& program, const std::string& function,
                      const Case& loaded, bool with_tangents) {
  try {
    expect_given(function, needed_arguments(program.parameters(function), false),
                 given_names(loaded, with_tangents));
  } catch (const std::invalid_argument& error) {
    throw SubjectError(program.definition_place(function), error.what());
  }
}

std::vector<std::string> missing_arguments(const EvaluatedProgram& program,
                                           const std::string& function, const Case& loaded) {
  const std::vector<std::string> given = given_names(loaded, false);
  std::vector<std::string> missing;
  for (const std::string& name : needed_arguments(program.parameters(function), false))
    if (name != cotangent_argument && std::find(given.begin(), given.end(), name) == given.end())
      missing.push_back(name);
  return missing;
}

CotangentArguments cotangents_of(const EvaluatedProgram& program, const std::string& function,
                                 const Case& loaded, bool with_tangents,
                                 const ProgramOutputs& outputs) {
  const auto& parameters = program.parameters(function);
  try {
    std::vector<CotangentArguments::Argument> free;
    for (const std::string& name : taking_cotangents(function, needed_arguments(parameters, true),
                                                     given_names(loaded, with_tangents)))
      for (const ast::Parameter& parameter : parameters)
        if (parameter.name == name) free.push_back(declared_as(parameter, *program.tree().source));
    return {function, free, outputs};
  } catch (const std::invalid_argument& error) {
    throw SubjectError(program.definition_place(function), error.what());
  }
}

}  // namespace gradient_check

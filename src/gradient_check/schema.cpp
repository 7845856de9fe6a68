#include <nlohmann/json.hpp>

#include "gradient_check/case/rule_names.h"
#include "gradient_check/case/tensor_loader.h"
#include "gradient_check/case/train_loader.h"
#include "gradient_check/check.h"
#include "gradient_check/subject/library.h"

namespace gradient_check {
namespace {

using Json = nlohmann::ordered_json;

Json reference(const char* name) { return {{"$ref", std::string("#/definitions/") + name}}; }

Json object(Json properties, Json required = Json::array()) {
  Json json{
      {"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
  if (!required.empty()) json["required"] = std::move(required);
  return json;
}

Json number_of(const OptionSpec& spec, const char* type) {
  Json json{{"type", type}};
  if (spec.minimum) json["minimum"] = *spec.minimum;
  if (spec.maximum) json["maximum"] = *spec.maximum;
  return json;
}

Json option_schema(const OptionSpec& spec) {
  switch (spec.kind) {
    case OptionSpec::Kind::boolean:
      return {{"type", "boolean"}, {"default", std::get<bool>(spec.fallback)}};
    case OptionSpec::Kind::number: {
      Json json = number_of(spec, "number");
      json["default"] = std::get<double>(spec.fallback);
      return json;
    }
    case OptionSpec::Kind::choice:
      return {{"enum", spec.choices}, {"default", std::get<std::string>(spec.fallback)}};
    case OptionSpec::Kind::tensor:
      return reference("tensor");
    case OptionSpec::Kind::integer: {
      Json json = number_of(spec, "integer");
      if (const auto* value = std::get_if<std::int64_t>(&spec.fallback)) json["default"] = *value;
      return json;
    }
    case OptionSpec::Kind::sizes:
      break;
  }
  Json list{{"type", "array"}, {"items", number_of(spec, "integer")}};
  if (spec.dimensions > 0) {
    list["minItems"] = spec.dimensions;
    list["maxItems"] = spec.dimensions;
  }
  return {{"anyOf", {number_of(spec, "integer"), list}}};
}

/// One layer or loss: its type, and the options that go with it.
Json typed_schema(const std::string& name, const std::vector<OptionSpec>& options) {
  Json properties{{"type", {{"const", name}}}};
  Json required{"type"};
  for (const OptionSpec& spec : options) {
    properties[spec.name] = option_schema(spec);
    if (spec.required) required.push_back(spec.name);
  }
  return object(std::move(properties), std::move(required));
}

Json tensor_definitions() {
  const Json numeric{{"type", "number"}};
  const Json array{{"anyOf",
                    {{{"type", "number"}},
                     {{"enum", {"nan", "inf", "-inf"}}},
                     {{"type", "boolean"}},
                     {{"type", "array"}, {"items", reference("nested")}}}}};
  const Json scalar{{"anyOf", {numeric, {{"enum", {"nan", "inf", "-inf"}}}}}};
  Json drawn =
      object({{"shape", {{"type", "array"}, {"items", {{"type", "integer"}, {"minimum", 0}}}}},
              {"init", {{"enum", init_names()}}},
              {"value", scalar},
              {"mean", scalar},
              {"std", scalar},
              {"low", scalar},
              {"high", scalar},
              {"dtype", {{"enum", dtype_names()}}}},
             {"shape", "init"});
  Json given =
      object({{"data", reference("nested")}, {"dtype", {{"enum", dtype_names()}}}}, {"data"});
  Json stored = object({{"file", {{"type", "string"}}},
                        {"key", {{"type", "string"}}},
                        {"dtype", {{"enum", dtype_names()}}}},
                       {"file"});
  Json complex =
      object({{"real", reference("tensor")}, {"imag", reference("tensor")}}, {"real", "imag"});
  return {{"nested", array},
          {"tensor", {{"anyOf", {reference("nested"), drawn, given, stored, complex}}}},
          {"tensors", {{"type", "object"}, {"additionalProperties", reference("tensor")}}}};
}

Json layer_definitions() {
  Json layers = Json::array();
  const LayerTables types;
  for (const LayerType* type : types.layers)
    layers.push_back(typed_schema(type->name, type->options));
  Json losses = Json::array(), names = Json::array();
  for (const LossType* type : types.losses) {
    losses.push_back(typed_schema(type->name, type->options));
    names.push_back(type->name);
  }
  losses.push_back({{"enum", names}});
  return {{"layer", {{"anyOf", layers}}}, {"loss", {{"anyOf", losses}}}};
}

Json expectation_schema() {
  const Json text{{"type", "string"}}, count{{"type", "integer"}, {"minimum", 1}};
  Json finding = object({{"rule", {{"enum", rule_names()}}},
                         {"subject", text},
                         {"line", count},
                         {"column", count},
                         {"phase", {{"enum", phase_names()}}},
                         {"step", {{"type", "integer"}, {"minimum", 0}}},
                         {"index", {{"type", "array"}, {"items", {{"type", "integer"}}}}},
                         {"severity", {{"enum", {"error", "warning", "note"}}}},
                         {"file", text}});
  return object({{"verdict", {{"enum", verdict_names()}}},
                 {"findings", {{"type", "array"}, {"items", finding}}}});
}

Json training_schema() {
  const Json number{{"type", "number"}, {"minimum", 0}}, flag{{"type", "boolean"}};
  const Json count{{"type", "integer"}, {"minimum", 1}}, seed{{"type", "integer"}, {"minimum", 0}};
  Json optimizer_options{{"momentum", number}, {"dampening", number},
                         {"nesterov", flag},   {"weight_decay", number},
                         {"eps", number},      {"betas", {{"type", "array"}, {"items", number}}}};
  Json type{{"type", {{"enum", optimizer_names()}}}};
  type.update(optimizer_options);
  Json properties{
      {"steps", count},
      {"learning_rate", number},
      {"gradient", {{"enum", training_gradient_names()}}},
      {"optimizer", {{"anyOf", {{{"enum", optimizer_names()}}, object(type, {"type"})}}}},
      {"batch_size", count},
      {"shuffle", flag},
      {"shuffle_seed", seed}};
  properties.update(optimizer_options);
  return object(std::move(properties), {"steps"});
}

/// A program in a file, or its lines.
Json program_schema(const std::string& text_key, const Json& text_schema) {
  const Json text{{"type", "string"}, {"minLength", 1}};
  Json properties{
      {"entry", text},
      {"arguments", {{"type", "object"}}},
      {"gradients",
       {{"anyOf",
         {{{"type", "array"}, {"minItems", 1}, {"items", {{"type", {"string", "null"}}}}},
          {{"type", "object"}, {"minProperties", 1}, {"additionalProperties", text}}}}}},
      {"loss", text},
      {"reference", text}};
  properties[text_key] = text_schema;
  return object(std::move(properties), {text_key});
}

Json case_properties() {
  const Json text{{"type", "string"}};
  const Json tolerance{{"type", "number"}, {"minimum", 0}};
  const Json lines{{"anyOf", {text, {{"type", "array"}, {"items", text}}}}};
  return {
      {"$schema", text},
      {"name", {{"type", "string"}, {"minLength", 1}}},
      {"description", text},
      {"dtype", {{"enum", {"float64", "float32", "float16", "bfloat16"}}, {"default", "float32"}}},
      {"seed", {{"type", "integer"}, {"minimum", 0}, {"default", 0}}},
      {"inputs", {{"anyOf", {object({{"file", text}}, {"file"}), reference("tensors")}}}},
      {"parameters", {{"anyOf", {object({{"file", text}}, {"file"}), reference("tensors")}}}},
      {"program", {{"oneOf", {program_schema("file", text), program_schema("source", lines)}}}},
      {"layers", {{"type", "array"}, {"items", reference("layer")}}},
      {"loss", reference("loss")},
      {"gradients", {{"anyOf", {object({{"file", text}}, {"file"}), reference("tensors")}}}},
      {"adjoints", {{"type", "object"}, {"additionalProperties", text}}},
      {"check", object({{"rtol", tolerance},
                        {"atol", tolerance},
                        {"finite_difference", {{"enum", finite_difference_mode_names()}}},
                        {"order", {{"enum", {1, 2}}}}})},
      {"train", training_schema()},
      {"expect", expectation_schema()}};
}

}  // namespace

std::string case_schema() {
  Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
              {"title", "gradient-check case"},
              {"description", "A forward computation, hand-written backpropagation, and data"}};
  schema.update(object(case_properties()));
  schema["definitions"] = tensor_definitions();
  schema["definitions"].update(layer_definitions());
  return schema.dump(2) + "\n";
}

}  // namespace gradient_check

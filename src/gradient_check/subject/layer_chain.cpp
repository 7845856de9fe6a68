#include "gradient_check/subject/layer_chain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gradient_check/case/options_reader.h"
#include "gradient_check/case/suggest.h"

namespace gradient_check {
namespace {

/// Whether a name has a prefix, as libraries put before the names of theirs, that no loaded one
/// has.
bool needs_library(const std::string& type, const std::vector<std::string>& known) {
  const std::size_t colons = type.find("::");
  return colons != type.npos &&
         std::none_of(known.begin(), known.end(), [&](const std::string& name) {
           return name.compare(0, colons + 2, type, 0, colons + 2) == 0;
         });
}

template <typename Type>
const Type& find_type(const LayerSpec& spec, const std::vector<const Type*>& types,
                      std::string_view what) {
  std::vector<std::string> names;
  for (const Type* type : types) {
    if (type->name == spec.type) return *type;
    names.push_back(type->name);
  }
  const JsonCursor& cursor = spec.cursor;
  const std::string message =
      fmt::format("unknown {} '{}'{}", what, spec.type,
                  needs_library(spec.type, names) ? ": it needs its library: --load LIBRARY.so"
                                                  : suggest(spec.type, names));
  for (const JsonMember& member : cursor->members)
    if (member.key == "type") cursor.member(member).fail(message);
  cursor.fail(message);
}

RunningPlace place_of(const Case& loaded, const LayerSpec& spec, const std::string& what) {
  return {{loaded.file, spec.cursor->line, spec.cursor->column, 1, ""}, {}, "", what, spec.type};
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// What a layer or loss throws when it is made for an input, as an error of the case.
[[noreturn]] void fail_on(const LayerSpec& spec, const std::string& what, const at::Tensor& input,
                          const std::exception& error) {
  spec.cursor.fail(fmt::format("{} on an input of shape [{}]: {}", what,
                               fmt::join(input.sizes(), ", "), first_line(error.what())));
}

[[noreturn]] void parameter_error(const Case& loaded, const std::string& name,
                                  const std::string& message) {
  const auto section = loaded.section("parameters");
  for (const JsonMember& member : section->value().members)
    if (member.key == name) section->fail_key(member, message);
  section->fail(message);
}

/// The value the case sets for a parameter, or the one drawn.
at::Tensor chosen(const Case& loaded, const std::string& name, const at::Tensor& drawn) {
  const at::Tensor* set = loaded.parameters.find(name);
  if (!set) return drawn;
  if (set->sizes() != drawn.sizes())
    parameter_error(loaded, name,
                    fmt::format("'{}' has shape [{}]; the layer needs [{}]", name,
                                fmt::join(set->sizes(), ", "), fmt::join(drawn.sizes(), ", ")));
  return *set;
}

void expect_parameters_used(const Case& loaded, const NamedTensors& parameters) {
  std::vector<std::string> known;
  for (const auto& [name, tensor] : parameters) known.push_back(name);
  for (const auto& [name, tensor] : loaded.parameters)
    if (!parameters.contains(name))
      parameter_error(
          loaded, name,
          fmt::format("no layer has a parameter named '{}'{}", name, suggest(name, known)));
}

/// Adds the layer of `spec` for inputs like `input`; returns its output.
at::Tensor append(const Case& loaded, const LayerSpec& spec, const LayerType& type,
                  const at::Tensor& input, LayerChain& chain) {
  const std::size_t index = chain.links.size();
  const std::string what = fmt::format("layer {} ({})", index, type.name);
  const Options options = read_options(spec.cursor, type.options, what, loaded.dtype);
  try {
    Link link{type.make(options, input), {}, place_of(loaded, spec, what)};
    Tensors values;
    if (!link.layer) throw LayerError("make returned no layer");
    for (const auto& [name, drawn] : link.layer->initial_parameters()) {
      const std::string qualified = fmt::format("{}.{}", index, name);
      link.parameters.push_back(qualified);
      chain.parameters.set(qualified, chosen(loaded, qualified, drawn));
      values.push_back(chain.parameters[qualified]);
    }
    link.layer->adopt(values);
    Tensors saved;
    at::Tensor output = link.layer->forward(input, values, saved);
    if (!output.defined()) throw LayerError("its forward returned no tensor");
    chain.links.push_back(std::move(link));
    return output;
  } catch (const CaseError&) {
    throw;
  } catch (const std::exception& error) {
    fail_on(spec, what, input, error);
  }
}

void attach_loss(const Case& loaded, const LossType& type, const at::Tensor& output,
                 LayerChain& chain) {
  const LayerSpec& spec = *loaded.loss;
  const std::string what = fmt::format("loss ({})", type.name);
  const Options options = read_options(spec.cursor, type.options, what, loaded.dtype);
  chain.loss_place = place_of(loaded, spec, what);
  try {
    chain.loss = type.make(options, output, loaded.inputs["target"]);
    if (!chain.loss) throw LayerError("make returned no loss");
    Tensors saved;
    chain.loss->forward(output, loaded.inputs["target"], saved);
  } catch (const CaseError&) {
    throw;
  } catch (const std::exception& error) {
    fail_on(spec, what, output, error);
  }
}

}  // namespace

LayerChain build_chain(const Case& loaded, const LayerTables& tables) {
  LayerChain chain;
  at::Tensor value = loaded.inputs["input"];
  for (const LayerSpec& spec : loaded.layers)
    value = append(loaded, spec, find_type(spec, tables.layers, "layer type"), value, chain);
  expect_parameters_used(loaded, chain.parameters);
  if (loaded.loss)
    attach_loss(loaded, find_type(*loaded.loss, tables.losses, "loss type"), value, chain);
  return chain;
}

}  // namespace gradient_check

#include "gradient_check/subject/layered_subject.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "gradient_check/case/options_reader.h"
#include "gradient_check/case/suggest.h"
#include "gradient_check/subject/evaluation_scope.h"
#include "gradient_check/subject/layer.h"

namespace gradient_check {
namespace {

struct Link {
  std::unique_ptr<Layer> layer;
  std::vector<std::string> parameters;  ///< qualified names
  RunningPlace place;
};

template <typename Type>
const Type& find_type(const LayerSpec& spec, const std::vector<const Type*>& types,
                      std::string_view what) {
  std::vector<std::string> names;
  for (const Type* type : types) {
    if (type->name == spec.type) return *type;
    names.push_back(type->name);
  }
  const JsonCursor& cursor = spec.cursor;
  for (const JsonMember& member : cursor->members)
    if (member.key == "type")
      cursor.member(member).fail(
          fmt::format("unknown {} '{}'{}", what, spec.type, suggest(spec.type, names)));
  cursor.fail(fmt::format("unknown {} '{}'{}", what, spec.type, suggest(spec.type, names)));
}

/// What this thread is running, for whoever looks from inside an operation.
thread_local const RunningPlace* running_here = nullptr;

class Running {
 public:
  explicit Running(const RunningPlace& place) : previous_(running_here) { running_here = &place; }
  ~Running() { running_here = previous_; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  const RunningPlace* previous_;
};

class LayeredSubject : public Subject {
 public:
  explicit LayeredSubject(const Case& loaded) : inputs_(loaded.inputs) {
    expect_inputs(loaded);
    const EvaluationScope scope(loaded.dtype);
    at::Tensor value = inputs_["input"];
    for (std::size_t i = 0; i < loaded.layers.size(); ++i) value = append(loaded, i, value);
    expect_parameters_used(loaded);
    if (loaded.loss) attach_loss(loaded, value);
  }

  const NamedTensors& parameters() const override { return parameters_; }
  const NamedTensors& inputs() const override { return inputs_; }

  at::Tensor forward(const NamedTensors& values) const override {
    at::Tensor value = values["input"];
    for (const Link& link : links_) {
      const Running running(link.place);
      value = link.layer->reference(value, parameters_of(link, values));
    }
    const Running running(loss_place_);
    return loss_ ? loss_->reference(value, values["target"]) : value;
  }

  bool has_manual() const override { return true; }
  bool takes_grad_output() const override { return true; }

  ManualResult manual(const NamedTensors& values, const at::Tensor& grad_output) const override {
    std::vector<Tensors> saved(links_.size());
    Tensors loss_saved;
    at::Tensor value = values["input"];
    for (std::size_t i = 0; i < links_.size(); ++i) {
      const Running running(links_[i].place);
      value = links_[i].layer->forward(value, parameters_of(links_[i], values), saved[i]);
    }
    at::Tensor gradient = grad_output;
    if (loss_) {
      const Running running(loss_place_);
      value = loss_->forward(value, values["target"], loss_saved);
      gradient = loss_->backward(grad_output, loss_saved);
    }
    ManualResult result{value, {}};
    for (std::size_t i = links_.size(); i-- > 0;) {
      const Running running(links_[i].place);
      LayerGradients gradients =
          links_[i].layer->backward(gradient, parameters_of(links_[i], values), saved[i]);
      for (std::size_t k = 0; k < links_[i].parameters.size(); ++k)
        result.gradients.set(links_[i].parameters[k], gradients.parameters.at(k));
      gradient = gradients.input;
    }
    if (gradient.defined() && values["input"].is_floating_point())
      result.gradients.set("input", gradient);
    return result;
  }

  std::optional<Place> gradient_place(const std::string& name) const override {
    for (const Link& link : links_)
      for (const std::string& parameter : link.parameters)
        if (parameter == name) return link.place.place;
    return links_.empty() ? std::nullopt : std::optional(links_.front().place.place);
  }
  std::optional<RunningPlace> running_place() const override {
    return running_here ? std::optional(*running_here) : std::nullopt;
  }

 private:
  static void expect_inputs(const Case& loaded) {
    const auto inputs = loaded.section("inputs");
    const JsonCursor where = inputs ? *inputs : JsonCursor(*loaded.document, loaded.file, "$");
    if (!loaded.inputs.contains("input"))
      where.fail("a layered case needs an input named \"input\"");
    if (loaded.loss && !loaded.inputs.contains("target"))
      where.fail(fmt::format("the loss '{}' needs an input named \"target\"", loaded.loss->type));
    for (const auto& [name, tensor] : loaded.inputs)
      if (name != "input" && (name != "target" || !loaded.loss))
        where.fail(fmt::format("a layered case has no use for an input named '{}'{}", name,
                               loaded.loss ? " (its inputs are 'input' and 'target')"
                                           : " (its input is 'input'; 'target' needs a loss)"));
  }

  static Tensors parameters_of(const Link& link, const NamedTensors& values) {
    Tensors tensors;
    tensors.reserve(link.parameters.size());
    for (const std::string& name : link.parameters) tensors.push_back(values[name]);
    return tensors;
  }

  /// Adds layer `index` for inputs like `input`; returns its output.
  at::Tensor append(const Case& loaded, std::size_t index, const at::Tensor& input) {
    const LayerSpec& spec = loaded.layers[index];
    const LayerType& type = find_type(spec, layer_types(), "layer type");
    const std::string what = fmt::format("layer {} ({})", index, type.name);
    const Options options = read_options(spec.cursor, type.options, what, loaded.dtype);
    try {
      Link link{type.make(options, input), {}, place_of(loaded, spec, what)};
      Tensors values;
      for (const auto& [name, drawn] : link.layer->initial_parameters()) {
        const std::string qualified = fmt::format("{}.{}", index, name);
        link.parameters.push_back(qualified);
        parameters_.set(qualified, chosen(loaded, qualified, drawn));
        values.push_back(parameters_[qualified]);
      }
      link.layer->adopt(values);
      Tensors saved;
      at::Tensor output = link.layer->forward(input, values, saved);
      links_.push_back(std::move(link));
      return output;
    } catch (const CaseError&) {
      throw;
    } catch (const std::exception& error) {
      spec.cursor.fail(fmt::format("{} on an input of shape [{}]: {}", what,
                                   fmt::join(input.sizes(), ", "), first_line(error.what())));
    }
  }

  static RunningPlace place_of(const Case& loaded, const LayerSpec& spec, const std::string& what) {
    return {{loaded.file, spec.cursor->line, spec.cursor->column, 1, ""}, {}, "", what, spec.type};
  }

  static std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

  /// The value the case sets for a parameter, or the one drawn.
  static at::Tensor chosen(const Case& loaded, const std::string& name, const at::Tensor& drawn) {
    const at::Tensor* set = loaded.parameters.find(name);
    if (!set) return drawn;
    if (set->sizes() != drawn.sizes())
      parameter_error(loaded, name,
                      fmt::format("'{}' has shape [{}]; the layer needs [{}]", name,
                                  fmt::join(set->sizes(), ", "), fmt::join(drawn.sizes(), ", ")));
    return *set;
  }

  [[noreturn]] static void parameter_error(const Case& loaded, const std::string& name,
                                           const std::string& message) {
    const auto section = loaded.section("parameters");
    for (const JsonMember& member : section->value().members)
      if (member.key == name) section->fail_key(member, message);
    section->fail(message);
  }

  void expect_parameters_used(const Case& loaded) const {
    std::vector<std::string> known;
    for (const auto& [name, tensor] : parameters_) known.push_back(name);
    for (const auto& [name, tensor] : loaded.parameters)
      if (!parameters_.contains(name))
        parameter_error(
            loaded, name,
            fmt::format("no layer has a parameter named '{}'{}", name, suggest(name, known)));
  }

  void attach_loss(const Case& loaded, const at::Tensor& output) {
    const LossType& type = find_type(*loaded.loss, loss_types(), "loss type");
    const std::string what = fmt::format("loss ({})", type.name);
    const Options options = read_options(loaded.loss->cursor, type.options, what, loaded.dtype);
    loss_place_ = place_of(loaded, *loaded.loss, what);
    try {
      loss_ = type.make(options, output, inputs_["target"]);
      Tensors saved;
      loss_->forward(output, inputs_["target"], saved);
    } catch (const CaseError&) {
      throw;
    } catch (const std::exception& error) {
      loaded.loss->cursor.fail(fmt::format("{} on an input of shape [{}]: {}", what,
                                           fmt::join(output.sizes(), ", "),
                                           first_line(error.what())));
    }
  }

  NamedTensors inputs_, parameters_;
  std::vector<Link> links_;
  std::unique_ptr<Loss> loss_;
  RunningPlace loss_place_;
};

}  // namespace

std::unique_ptr<Subject> make_layered_subject(const Case& loaded) {
  return std::make_unique<LayeredSubject>(loaded);
}

}  // namespace gradient_check

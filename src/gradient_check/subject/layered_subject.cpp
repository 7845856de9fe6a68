#include "gradient_check/subject/layered_subject.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "gradient_check/subject/evaluation_scope.h"
#include "gradient_check/subject/stage.h"

namespace gradient_check {
namespace {

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

Tensors parameters_of(const Link& link, const NamedTensors& values) {
  Tensors tensors;
  tensors.reserve(link.parameters.size());
  for (const std::string& name : link.parameters) tensors.push_back(values[name]);
  return tensors;
}

/// Runs a layer's backward and notes the parameters' gradients; returns the input's.
at::Tensor run_backward(const Link& link, const at::Tensor& grad_output, const NamedTensors& values,
                        const Tensors& saved, NamedTensors& gradients) {
  const Running running(link.place);
  const LayerGradients found =
      link.layer->backward(grad_output, parameters_of(link, values), saved);
  if (found.parameters.size() != link.parameters.size())
    throw LayerError(fmt::format("{}: backward returned {} gradient{} of parameters; it has {}: {}",
                                 link.place.text, found.parameters.size(),
                                 found.parameters.size() == 1 ? "" : "s", link.parameters.size(),
                                 fmt::join(link.parameters, ", ")));
  for (std::size_t k = 0; k < link.parameters.size(); ++k)
    gradients.set(link.parameters[k], found.parameters[k]);
  return found.input;
}

void expect_inputs(const Case& loaded) {
  const auto inputs = loaded.section("inputs");
  const JsonCursor where = inputs ? *inputs : JsonCursor(*loaded.document, loaded.file, "$");
  if (!loaded.inputs.contains("input")) where.fail("a layered case needs an input named \"input\"");
  if (loaded.loss && !loaded.inputs.contains("target"))
    where.fail(fmt::format("the loss '{}' needs an input named \"target\"", loaded.loss->type));
  for (const auto& [name, tensor] : loaded.inputs)
    if (name != "input" && (name != "target" || !loaded.loss))
      where.fail(fmt::format("a layered case has no use for an input named '{}'{}", name,
                             loaded.loss ? " (its inputs are 'input' and 'target')"
                                         : " (its input is 'input'; 'target' needs a loss)"));
}

class LayeredSubject : public Subject {
 public:
  LayeredSubject(const Case& loaded, const LayerTables& tables) : inputs_(loaded.inputs) {
    expect_inputs(loaded);
    const EvaluationScope scope(loaded.dtype);
    chain_ = build_chain(loaded, tables);
  }

  const NamedTensors& parameters() const override { return chain_.parameters; }
  const NamedTensors& inputs() const override { return inputs_; }

  at::Tensor forward(const NamedTensors& values) const override {
    at::Tensor value = values["input"];
    for (const Link& link : chain_.links) {
      const Running running(link.place);
      value = link.layer->reference(value, parameters_of(link, values));
    }
    const Running running(chain_.loss_place);
    return chain_.loss ? chain_.loss->reference(value, values["target"]) : value;
  }

  bool has_manual() const override { return true; }
  bool takes_grad_output() const override { return true; }

  ManualResult manual(const NamedTensors& values, const at::Tensor& grad_output) const override {
    std::vector<Tensors> saved(chain_.links.size());
    Tensors loss_saved;
    at::Tensor value = values["input"];
    for (std::size_t i = 0; i < chain_.links.size(); ++i) {
      const Running running(chain_.links[i].place);
      value =
          chain_.links[i].layer->forward(value, parameters_of(chain_.links[i], values), saved[i]);
    }
    at::Tensor gradient = grad_output;
    if (chain_.loss) {
      const Running running(chain_.loss_place);
      value = chain_.loss->forward(value, values["target"], loss_saved);
      gradient = chain_.loss->backward(grad_output, loss_saved);
    }
    ManualResult result{value, {}};
    for (std::size_t i = chain_.links.size(); i-- > 0;)
      gradient = run_backward(chain_.links[i], gradient, values, saved[i], result.gradients);
    if (gradient.defined() && values["input"].is_floating_point())
      result.gradients.set("input", gradient);
    return result;
  }

  std::optional<Place> gradient_place(const std::string& name) const override {
    for (const Link& link : chain_.links)
      for (const std::string& parameter : link.parameters)
        if (parameter == name) return link.place.place;
    return chain_.links.empty() ? std::nullopt : std::optional(chain_.links.front().place.place);
  }
  std::optional<RunningPlace> running_place() const override {
    return running_here ? std::optional(*running_here) : std::nullopt;
  }

  std::vector<Stage> stages() const override {
    std::vector<Stage> stages;
    for (std::size_t i = 0; i < chain_.links.size(); ++i)
      stages.push_back(stage_of(chain_.links[i], std::to_string(i)));
    if (chain_.loss) stages.push_back(stage_of_loss());
    return stages;
  }

 private:
  static Stage stage_of(const Link& link, std::string name) {
    const auto forward = [&link](const at::Tensor& input, const NamedTensors& values) {
      return link.layer->reference(input, parameters_of(link, values));
    };
    const auto manual = [&link](const at::Tensor& input, const NamedTensors& values,
                                const at::Tensor& grad_output) {
      Tensors saved;
      ManualResult result{link.layer->forward(input, parameters_of(link, values), saved), {}};
      at::Tensor gradient = run_backward(link, grad_output, values, saved, result.gradients);
      if (gradient.defined()) result.gradients.set("input", std::move(gradient));
      return result;
    };
    return {std::move(name), link.place.text, link.place.place, link.parameters, forward, manual};
  }

  Stage stage_of_loss() const {
    const Loss& loss = *chain_.loss;
    const auto forward = [&loss](const at::Tensor& input, const NamedTensors& values) {
      return loss.reference(input, values["target"]);
    };
    const auto manual = [&loss](const at::Tensor& input, const NamedTensors& values,
                                const at::Tensor& grad_output) {
      Tensors saved;
      ManualResult result{loss.forward(input, values["target"], saved), {}};
      result.gradients.set("input", loss.backward(grad_output, saved));
      return result;
    };
    return {"loss", chain_.loss_place.text, chain_.loss_place.place, {}, forward, manual};
  }

  NamedTensors inputs_;
  LayerChain chain_;
};

}  // namespace

std::unique_ptr<Subject> make_layered_subject(const Case& loaded, const LayerTables& tables) {
  return std::make_unique<LayeredSubject>(loaded, tables);
}

}  // namespace gradient_check

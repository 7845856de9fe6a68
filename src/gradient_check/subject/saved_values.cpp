#include "gradient_check/subject/saved_values.h"

#include <ATen/record_function.h>
#include <torch/csrc/autograd/engine.h>
#include <torch/csrc/autograd/saved_variable_hooks.h>

#include <memory>
#include <utility>

namespace gradient_check {
namespace {

thread_local SavedValuesWatch* watching_saved_here = nullptr;  ///< the innermost of this thread

class KeptValue : public torch::autograd::SavedVariableHooks {
 public:
  explicit KeptValue(SavedValuesWatch& watch) : watch_(watch) {}
  void call_pack_hook(const at::Tensor& tensor) override { kept_ = watch_.kept(tensor); }
  at::Tensor call_unpack_hook() override { return kept_; }

 private:
  SavedValuesWatch& watch_;
  at::Tensor kept_;
};

/// LibTorch asks its engine, and nobody else, how values are to be saved.
class AskingEngine : public torch::autograd::Engine {
 public:
  AskingEngine() = default;
  std::unique_ptr<torch::autograd::SavedVariableHooks> get_default_saved_variable_hooks() override {
    return watching_saved_here ? std::make_unique<KeptValue>(*watching_saved_here) : nullptr;
  }
};

torch::autograd::Engine& asking_engine() {
  static auto* const engine = new AskingEngine;  // its threads outlive whoever might end it
  return *engine;
}

void install_asking_engine() {
  using torch::autograd::Engine;
  static const bool installed = [] {
    const bool plain = &Engine::get_default_engine() == &Engine::get_base_engine();
    if (plain) torch::autograd::set_default_engine_stub(&asking_engine);
    return plain;
  }();
  static_cast<void>(installed);
}

}  // namespace

SavedValuesWatch::SavedValuesWatch() {
  install_asking_engine();
  previous_ = std::exchange(watching_saved_here, this);
}

SavedValuesWatch::~SavedValuesWatch() { watching_saved_here = previous_; }

at::Tensor SavedCopies::kept(const at::Tensor& value) {
  const at::DisableRecordFunctionGuard unwatched;
  return value.clone();
}

}  // namespace gradient_check

// Libraries that cannot be used, one for each value of the variable BROKEN.
#include <ATen/ops/zeros_like.h>

#include <cstdlib>
#include <string>

#include "gradient_check/layer_library.h"

namespace {

using namespace gradient_check;

std::string broken() {
  const char* value = std::getenv("BROKEN");
  return value ? value : "";
}

class Identity : public Layer {
 public:
  NamedTensors initial_parameters() const override {
    return {{"weight", at::zeros({1})}, {"bias", at::zeros({1})}};
  }
  at::Tensor forward(const at::Tensor& input, const Tensors&, Tensors&) const override {
    if (broken() == "no output") return {};
    if (broken() == "throws in forward") throw 1;
    if (broken() == "changes its input") return at::Tensor(input).mul_(2);
    return input;
  }
  LayerGradients backward(const at::Tensor& grad_output, const Tensors& parameters,
                          const Tensors&) const override {
    const at::Tensor zero = at::zeros_like(parameters[0]);
    if (broken() == "one gradient too few") return {grad_output, {zero}};
    if (broken() == "an undefined gradient") return {grad_output, {zero, at::Tensor()}};
    return {grad_output, {zero, zero}};
  }
  at::Tensor reference(const at::Tensor& input, const Tensors& parameters) const override {
    return input + 0 * parameters[0] + 0 * parameters[1];
  }
};

std::unique_ptr<Layer> make_identity(const Options&, const at::Tensor&) {
  return broken() == "makes nothing" ? nullptr : std::make_unique<Identity>();
}

}  // namespace

extern "C" int gradient_check_layer_interface() {
  return broken() == "another interface" ? layer_interface + 1 : layer_interface;
}

extern "C" void gradient_check_register_layers(LayerLibrary& library) {
  const std::string what = broken();
  if (what == "registers nothing") return;
  if (what == "throws") throw std::runtime_error("no such device");
  const std::string name = what == "a name of ours" ? "relu" : what == "no name" ? "" : "identity";
  library.add(LayerType{name, {}, what == "no make" ? nullptr : make_identity});
  if (what == "one name twice") library.add(LayerType{name, {}, make_identity});
}

#include "gradient_check/subject/device_subject.h"

#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <mutex>
#include <stdexcept>
#include <vector>

#include "gradient_check/subject/wrapping_subject.h"

namespace gradient_check {
namespace {

NamedTensors moved_to(const NamedTensors& tensors, c10::Device device) {
  NamedTensors there;
  for (const auto& [name, tensor] : tensors)
    there.set(name, tensor.defined() ? tensor.to(device) : tensor);
  return there;
}

/// Arguments on the device. What is written into them there is written into those given as well.
class Arguments {
 public:
  Arguments(const NamedTensors& given, c10::Device device)
      : given_(given), there_(moved_to(given, device)) {
    for (const auto& [name, tensor] : there_)
      versions_.push_back(tensor.defined() ? tensor._version() : 0);
  }
  const NamedTensors& there() const { return there_; }
  void write_back() const {
    const at::NoGradGuard no_grad;
    auto version = versions_.begin();
    for (const auto& [name, tensor] : there_)
      if (const auto before = *version++; tensor.defined() && tensor._version() != before)
        given_[name].copy_(tensor);
  }

 private:
  const NamedTensors& given_;
  NamedTensors there_;
  std::vector<std::int64_t> versions_;
};

class DeviceSubject : public WrappingSubject {
 public:
  DeviceSubject(std::unique_ptr<Subject> subject, c10::Device device)
      : WrappingSubject(std::move(subject)),
        device_(device),
        parameters_(moved_to(subject_->parameters(), at::kCPU)),
        inputs_(moved_to(subject_->inputs(), at::kCPU)) {}

  const NamedTensors& parameters() const override { return parameters_; }
  const NamedTensors& inputs() const override { return inputs_; }
  at::Tensor forward(const NamedTensors& values) const override {
    seed();
    const Arguments arguments(values, device_);
    const at::Tensor output = subject_->forward(arguments.there()).to(at::kCPU);
    arguments.write_back();
    return output;
  }
  ManualResult manual(const NamedTensors& values, const at::Tensor& grad_output) const override {
    seed();
    const Arguments arguments(values, device_);
    const NamedTensors given{{"grad_output", grad_output}};
    const Arguments cotangent(given, device_);
    const ManualResult result =
        subject_->manual(arguments.there(), cotangent.there()["grad_output"]);
    arguments.write_back();
    cotangent.write_back();
    return {result.output.to(at::kCPU), moved_to(result.gradients, at::kCPU)};
  }
  /// Its tensors are not the ones that it is evaluated on.
  bool pure() const override { return false; }
  const Subject& on_cpu() const override { return *subject_; }

  const StepwiseProgram* stepwise() const override { return subject_->stepwise(); }
  const std::string* program_text() const override { return subject_->program_text(); }
  std::unique_ptr<Subject> with_program_text(const std::string& text) const override {
    auto changed = subject_->with_program_text(text);
    return changed ? on_device(std::move(changed), device_) : nullptr;
  }
  NamedTensors hvp(const NamedTensors& values, const NamedTensors& tangents,
                   const at::Tensor& grad_output) const override {
    return moved_to(subject_->hvp(moved_to(values, device_), moved_to(tangents, device_),
                                  grad_output.to(device_)),
                    at::kCPU);
  }
  at::Tensor jvp(const NamedTensors& values, const NamedTensors& tangents) const override {
    return subject_->jvp(moved_to(values, device_), moved_to(tangents, device_)).to(at::kCPU);
  }

 private:
  /// The same random numbers for each evaluation, as the CPU's generator is made to give them.
  void seed() const {
    if (!device_.is_cuda()) return;
    auto generator = at::globalContext().defaultGenerator(device_);
    const std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_current_seed(0);
  }

  c10::Device device_;
  NamedTensors parameters_, inputs_;
};

}  // namespace

std::unique_ptr<Subject> on_device(std::unique_ptr<Subject> subject, c10::Device device) {
  if (device == c10::Device(at::kCPU)) return subject;
  return std::make_unique<DeviceSubject>(std::move(subject), device);
}

c10::Device usable_device(const std::string& name) {
  const std::string type = name.substr(0, name.find(':'));
  if (type != "cpu" && type != "cuda")
    throw std::invalid_argument(fmt::format("'{}' is no device: write cpu, cuda or cuda:1", name));
  std::optional<c10::Device> device;
  try {
    device.emplace(name);
  } catch (const std::exception&) {
    throw std::invalid_argument(fmt::format("'{}' is no device: write cpu, cuda or cuda:1", name));
  }
  if (device->is_cpu()) return *device;
  if (!at::globalContext().hasCUDA())
    throw std::invalid_argument(fmt::format(
        "{}: this LibTorch is without CUDA, or finds no GPU: leave --device out, or build "
        "gradient-check with a LibTorch for CUDA (-DCMAKE_PREFIX_PATH=…) on a machine with one",
        name));
  try {
    at::zeros({1}, at::TensorOptions(*device));
  } catch (const std::exception& error) {
    throw std::invalid_argument(fmt::format("{}: {}", name, error.what()));
  }
  return *device;
}

}  // namespace gradient_check

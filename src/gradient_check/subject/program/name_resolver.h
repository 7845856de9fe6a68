#pragma once

#include <torch/csrc/jit/frontend/resolver.h>

#include <map>
#include <string>
#include <variant>

namespace torch::jit {
struct CompilationUnit;
}

namespace gradient_check {

/// Resolves what TorchScript's C++ front end leaves to Python: torch.nn.functional, F, math, dtypes
/// (torch.float32), constants (torch.inf, math.pi), and a program's own imports and numbers.
/// Refuses what touches files or devices.
class NameResolver : public torch::jit::Resolver {
 public:
  NameResolver() = default;
  NameResolver(std::map<std::string, std::string> modules,
               std::map<std::string, std::variant<std::int64_t, double>> constants,
               const torch::jit::CompilationUnit* functions = nullptr)
      : modules_(std::move(modules)), constants_(std::move(constants)), functions_(functions) {}

  std::shared_ptr<torch::jit::SugaredValue> resolveValue(
      const std::string& name, torch::jit::GraphFunction& function,
      const torch::jit::SourceRange& range) override;
  torch::jit::TypePtr resolveType(const std::string& name,
                                  const torch::jit::SourceRange& range) override;

 private:
  std::map<std::string, std::string> modules_;
  std::map<std::string, std::variant<std::int64_t, double>> constants_;
  const torch::jit::CompilationUnit* functions_ = nullptr;
};

}  // namespace gradient_check

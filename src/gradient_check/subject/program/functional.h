#pragma once

#include <string>
#include <vector>

namespace torch::jit {
struct Function;
}

namespace gradient_check {

/// The function of torch.nn.functional of that name where Python's signature differs from the
/// operator's, compiled from TorchScript; null where the operator can be called as it is.
torch::jit::Function* functional(const std::string& name);

/// The names that `functional` knows.
std::vector<std::string> functional_names();

}  // namespace gradient_check

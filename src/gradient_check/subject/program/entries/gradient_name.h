#pragma once

#include <string>
#include <vector>

namespace gradient_check {

/// "W1" of `params["W1"]`, "W" of `layers.0.W`, "weights" of `net.weights.0`.
std::string last_part(const std::string& name);

/// What a tensor's gradient may be called, the likeliest first: dW, d_W, grad_W, W_grad, gW, …
std::vector<std::string> gradient_names_of(const std::string& tensor);

/// The one of `tensors` whose gradient is called so, by convention; null if none, or several.
const std::string* tensor_of_gradient(const std::string& gradient,
                                      const std::vector<std::string>& tensors);

/// Whether an argument's name says that it takes a cotangent: dout, grad_output, delta, upstream.
bool says_cotangent(const std::string& argument);

/// Whether an argument's or attribute's name says that it is a learning rate.
bool is_learning_rate(const std::string& name);

}  // namespace gradient_check

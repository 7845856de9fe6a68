#pragma once

#include <memory>
#include <vector>

#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// Random directions in which a subject's floating inputs and parameters are moved: standard
/// normal, by name, rounded to the case's dtype; float64. Zeros for what the manual `function`
/// ("hvp", "jvp") takes no direction for.
NamedTensors draw_tangents(const Subject& subject, const std::string& function, std::uint64_t seed);

/// The Hessian-vector product H v of f = Σ forward · grad_output, as a subject of its own: its
/// forward is ⟨∇f, v⟩, by autograd, and the gradient of that is H v (Pearlmutter 1994, Neural
/// Computation 6(1)). Autograd's is its double backward; the manual one, where the program has a
/// function `hvp`, is that. Its parameters are called "hvp(w)". Refers to `subject`.
std::unique_ptr<Subject> make_hessian_subject(const Subject& subject, const NamedTensors& tangents,
                                              const at::Tensor& grad_output);

/// The Jacobian-vector product J v of the program's function `jvp`, as a subject of its own. Its
/// one parameter, called "jvp", is t, zeros of the output's shape; its forward gives each output
/// element i at the values moved by t_i v, so that the gradient by t_i is (J v)_i. Autograd's is
/// LibTorch's forward mode (or, where an operator has none, its double backward). Refers to
/// `subject`.
std::unique_ptr<Subject> make_tangent_subject(const Subject& subject, const NamedTensors& tangents,
                                              const at::Tensor& output);

}  // namespace gradient_check

#pragma once

#include <map>
#include <string>
#include <vector>

#include "gradient_check/python/syntax/tree.h"

namespace gradient_check {

/// Where a function computes the entries of the dictionary that it returns, by key: the expression
/// last assigned to the variable that stands there, or what stands there itself.
std::map<std::string, python::Span> written_gradients(const python::ast::Module& module,
                                                      const std::string& function);

/// Where a function computes its (first) result; an empty span where that is not seen.
python::Span written_result(const python::ast::Module& module, const std::string& function);

/// What the parts of a function's result are called: the variable, or "output 1".
std::vector<std::string> written_names(const python::ast::Module& module,
                                       const std::string& function);

/// Where a function computes the parts of its result that are no dictionaries, in their order.
std::vector<python::Span> written_parts(const python::ast::Module& module,
                                        const std::string& function);

/// Where a function last assigns to an attribute or dictionary entry of one of those names:
/// `self.dW = …`, `grads["W"] = …`. An empty span where it does not.
python::Span written_member(const python::ast::Module& module, const std::string& function,
                            const std::vector<std::string>& names);

}  // namespace gradient_check

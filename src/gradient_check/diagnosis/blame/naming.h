#pragma once

#include <string>
#include <vector>

#include "gradient_check/diagnosis/blame/pairing.h"

namespace gradient_check {

/// The forward variables whose adjoint a variable of that name would be: d_l2, dl2, grad_l2,
/// l2_grad, dL_dl2, delta_l2 → l2.
std::vector<std::string> adjoint_bases(const std::string& name);

/// The forward values that a name speaks of.
struct NamedValues {
  std::vector<const KnownValue*> values;
  /// The one of `values` that no name but a shape pairs with it; null where a name does.
  const KnownValue* guess = nullptr;
};

/// What the name of a write says it is: the adjoint of the forward variable that it names, or the
/// forward's variable of the same name, of the write's shape. Without one: an adjoint that it
/// would broadcast to; the variable of that name in another shape; or, of a name that is an
/// adjoint's, the adjoint of the only forward variable of its shape that no name speaks of.
NamedValues values_named_by(const Write& write, const Trace& manual,
                            const std::vector<KnownValue>& known, const PairingRules& rules);

}  // namespace gradient_check

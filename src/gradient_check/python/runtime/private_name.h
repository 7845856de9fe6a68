#pragma once

#include <string>

namespace gradient_check::python {

/// What a name inside the body of a class is really called: __x in class Net is _Net__x. Other
/// names, and all outside classes (`class_name` empty), stay.
std::string private_name(const std::string& class_name, const std::string& name);

}  // namespace gradient_check::python

#pragma once

#include <memory>

#include "gradient_check/subject/cpp/function_subject.h"
#include "gradient_check/subject/cpp/module.h"

namespace gradient_check {

/// The module as a subject, which is the module's alone while it lives: parameters and buffers are
/// set for each evaluation, and put back when it goes. `backward` may be null.
std::unique_ptr<Subject> make_module_subject(const ModuleCall& call, BackwardFunction backward);

}  // namespace gradient_check

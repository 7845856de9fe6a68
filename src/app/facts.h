#pragma once

#include "wire/facts.h"

namespace gradient_check::app {

/// What was true of LibTorch, the rules and the case format when this program was built: the build
/// asked its worker (cmake/embed_facts.cmake).
const wire::Facts& built_in_facts();

}  // namespace gradient_check::app

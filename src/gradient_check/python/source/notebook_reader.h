#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gradient_check/python/source/source_text.h"

namespace gradient_check::python {

/// The code cells of an .ipynb file, in their order. Throws SourceError for what is no notebook, or
/// one in another language than Python.
std::shared_ptr<const SourceText> read_notebook(const std::string& label, std::string_view bytes);

}  // namespace gradient_check::python

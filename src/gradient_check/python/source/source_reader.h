#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gradient_check/python/source/source_text.h"

namespace gradient_check::python {

/// A program out of a file's bytes: a notebook if the label ends in ".ipynb", else plain text.
/// Throws SourceError.
std::shared_ptr<const SourceText> read_source(const std::string& label, std::string_view bytes);

}  // namespace gradient_check::python

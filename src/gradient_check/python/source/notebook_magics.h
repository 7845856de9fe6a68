#pragma once

#include <string>
#include <string_view>

namespace gradient_check::python {

/// The text of a notebook's cell with what only IPython understands overwritten by comments or
/// `pass`, byte for byte so that places stay: lines `%magic`, `!command`, `x = !command`, `?name`
/// and `name?`, with their continuation lines; cells `%%bash`, `%%html` and the like whole; of
/// other cells `%%time` the first line.
std::string without_magics(std::string_view cell);

}  // namespace gradient_check::python

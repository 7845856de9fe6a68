#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gradient_check {

/// The files of a zip archive by name, unpacked; `what` names it in errors. Their size is bounded
/// by what the archive can really unpack to. Throws TensorFileError.
std::vector<std::pair<std::string, std::string>> zip_entries(std::string_view bytes,
                                                             const std::string& what);

}  // namespace gradient_check

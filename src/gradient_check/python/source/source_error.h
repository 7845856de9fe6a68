#pragma once

#include <stdexcept>
#include <string>

namespace gradient_check::python {

/// A file that is no program text at all: broken JSON, no UTF-8, too long. what() begins with the
/// place as far as it is known, "net.ipynb:3:7: …".
class SourceError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace gradient_check::python

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// What an entry needs and neither the case nor the program gives; the message is JSON to paste.
class MissingValues : public SubjectError {
 public:
  MissingValues(const std::string& entry, std::vector<std::string> names);
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

/// JSON of a usual value for an argument that is no tensor by its name: "1" for a stride; nothing
/// for what may be a tensor.
std::optional<std::string> usual_argument(const std::string& name);

}  // namespace gradient_check

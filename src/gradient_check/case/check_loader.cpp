#include "gradient_check/case/check_loader.h"

#include <fmt/format.h>

#include <algorithm>

#include "gradient_check/case/stored_tensor.h"
#include "gradient_check/case/suggest.h"
#include "gradient_check/case/tensor_loader.h"

namespace gradient_check {

CheckOptions load_check(const JsonCursor& check) {
  CheckOptions options;
  check.expect_object("check, an object");
  check.expect_keys({"rtol", "atol", "finite_difference", "order"}, "check");
  for (const JsonMember& member : check->members) {
    const JsonCursor at = check.member(member);
    if (member.key == "finite_difference") {
      const std::string& name = at.as_string("a way of taking finite differences");
      const auto& names = finite_difference_mode_names();
      const auto found = std::find(names.begin(), names.end(), name);
      if (found == names.end())
        at.fail(fmt::format("unknown finite_difference '{}'{}", name, suggest(name, names)));
      options.finite_difference = static_cast<FiniteDifferenceMode>(found - names.begin());
      continue;
    }
    if (member.key == "order") {
      options.order = static_cast<int>(at.as_integer("the order of derivatives, 1 or 2"));
      if (options.order != 1 && options.order != 2)
        at.fail(fmt::format("the order of derivatives is 1 or 2, found {}", options.order));
      continue;
    }
    const double value = at.as_number("a tolerance");
    if (!(value >= 0)) at.fail(fmt::format("a tolerance must be at least 0, found {}", value));
    (member.key == "rtol" ? options.rtol : options.atol) = value;
  }
  return options;
}

RecordedGradients load_gradients(const JsonCursor& gradients, at::ScalarType dtype) {
  gradients.expect_object("gradients, {\"file\": …} or an object of tensors by parameter");
  RecordedGradients recorded{{}, gradients.position()};
  const JsonValue* const file = gradients->find("file");
  if (file && file->is_string()) {
    gradients.expect_keys({"file"}, "gradients in one file");
    recorded.tensors = load_tensor_file(gradients.member(gradients->members[0]), dtype);
    if (recorded.tensors.contains(""))
      gradients.fail(
          "this file holds one tensor without a name; write {\"w\": {\"file\": …}}, with the "
          "parameter's name for w");
    return recorded;
  }
  for (const JsonMember& member : gradients->members)
    recorded.tensors.set(member.key, load_tensor(gradients.member(member), dtype));
  return recorded;
}

}  // namespace gradient_check

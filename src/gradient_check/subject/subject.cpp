#include "gradient_check/subject/subject.h"

#include "gradient_check/subject/stage.h"

namespace gradient_check {

std::vector<Stage> Subject::stages() const { return {}; }

}  // namespace gradient_check

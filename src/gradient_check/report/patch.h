#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gradient_check/report/reporter.h"

namespace gradient_check {

/// One program's file, before and after the verified fixes of all cases that use it.
struct FilePatch {
  std::string path;
  std::string before, after;
  std::size_t fixes = 0;
};

struct Patches {
  std::vector<FilePatch> files;
  /// Verified fixes that are not in `files`, and why: two cases disagree, the program stands inside
  /// a case file, the file has changed since it was checked.
  std::vector<std::string> left_out;
};

/// The verified fixes of a run. `read` gives a file's text; what it throws leaves that file out. A
/// case's fixes are taken together or not at all, as they were verified.
Patches collect_patches(const RunResult& run,
                        const std::function<std::string(const std::string&)>& read);

}  // namespace gradient_check

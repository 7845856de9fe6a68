#pragma once

#include <c10/util/Exception.h>
#include <torch/csrc/api/include/torch/version.h>

#include <string>

namespace gradient_check {

#if TORCH_VERSION_MAJOR >= 2
namespace libtorch_warnings = c10::WarningUtils;
#else
namespace libtorch_warnings = c10::Warning;
#endif

/// While it lives, LibTorch's warnings (deprecations, performance hints) are dropped on this
/// thread: they are about how the checker calls it, and would mix with what is said about the
/// user's code.
class QuietWarnings {
 public:
  QuietWarnings() : previous_(libtorch_warnings::get_warning_handler()) {
    libtorch_warnings::set_warning_handler(&silent());
  }
  ~QuietWarnings() { libtorch_warnings::set_warning_handler(previous_); }
  QuietWarnings(const QuietWarnings&) = delete;
  QuietWarnings& operator=(const QuietWarnings&) = delete;

 private:
  class Silent : public c10::WarningHandler {
   public:
#if TORCH_VERSION_MAJOR >= 2
    void process(const c10::Warning&) override {}
#else
    void process(const c10::SourceLocation&, const std::string&, bool) override {}
#endif
  };
  static c10::WarningHandler& silent() {
    static Silent handler;
    return handler;
  }
  c10::WarningHandler* previous_;
};

}  // namespace gradient_check

#include "gradient_check/gradient/overwritten.h"

#include <ATen/record_function.h>
#include <fmt/format.h>

#include <cstdint>
#include <exception>
#include <memory>

#include "gradient_check/subject/operation_callback.h"
#include "gradient_check/subject/saved_values.h"

namespace gradient_check {
namespace {

/// Notes every value that autograd saves, and which operation first gave it another version.
class OverwriteWatch : public SavedValuesWatch {
 public:
  explicit OverwriteWatch(const Subject& subject);
  ~OverwriteWatch() override { watching_overwrites_here() = nullptr; }

  at::Tensor kept(const at::Tensor& value) override {
    saved_.push_back({value, value._version(), {subject_.running_place(), std::nullopt}, false});
    return value;
  }
  /// The last saved of those that were written over.
  std::optional<OverwrittenValue> last() const {
    for (auto each = saved_.rbegin(); each != saved_.rend(); ++each)
      if (each->overwritten) return each->places;
    return std::nullopt;
  }

 private:
  struct SavedValue {
    at::Tensor value;
    std::int64_t version = 0;
    OverwrittenValue places;
    bool overwritten = false;
  };

  static OverwriteWatch*& watching_overwrites_here() {
    thread_local OverwriteWatch* watching = nullptr;  // while its callback lives
    return watching;
  }
  static void after_operation(const at::RecordFunction&, at::ObserverContext*) {
    if (OverwriteWatch* const watch = watching_overwrites_here()) watch->look();
  }
  void look() {
    for (SavedValue& each : saved_) {
      if (each.overwritten || each.value._version() == each.version) continue;
      each.overwritten = true;
      each.places.written = subject_.running_place();
    }
  }

  const Subject& subject_;
  std::vector<SavedValue> saved_;
  std::unique_ptr<OperationCallback> callback_;
};

std::unique_ptr<at::ObserverContext> before_any_operation(const at::RecordFunction&) {
  return nullptr;
}

OverwriteWatch::OverwriteWatch(const Subject& subject) : subject_(subject) {
  watching_overwrites_here() = this;
  callback_ = std::make_unique<OperationCallback>(
      at::RecordFunctionCallback(&before_any_operation, &OverwriteWatch::after_operation)
          .scopes({at::RecordScope::FUNCTION}));
}

}  // namespace

bool is_about_overwriting(const std::string& message) {
  return message.find("modified by an inplace operation") != std::string::npos;
}

std::optional<OverwrittenValue> find_overwritten(const Subject& subject, const NamedTensors& values,
                                                 const std::vector<std::string>& targets,
                                                 const at::Tensor& grad_output, bool writes) {
  const OverwriteWatch watch(subject);
  try {
    run_autograd(subject, values, targets, grad_output, at::kDouble, writes);
  } catch (const std::exception&) {
    // What was saved until then is known.
  }
  return watch.last();
}

SubjectError error_of(const OverwrittenValue& overwritten) {
  const auto& [saved, written] = overwritten;
  std::string write = "an operation in place";
  if (written && !written->text.empty())
    write =
        fmt::format("{}`{}`", written->text.back() == ')' ? "" : "the write to ", written->text);
  const std::string needed =
      saved ? fmt::format("the gradient of `{}` (line {})", saved->text, saved->place.line)
            : "the gradient of an earlier operation";
  std::optional<Place> place;
  if (written || saved) place = (written ? written : saved)->place;
  return {place, fmt::format("{} changes a value that {} needs: autograd cannot differentiate this "
                             "forward, and PyTorch's cannot either; make a new tensor (`x = x / n` "
                             "for `x /= n`), or write into a copy (`x = x.clone()` before)",
                             write, needed)};
}

}  // namespace gradient_check

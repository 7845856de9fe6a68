#include "gradient_check/subject/program/entries/guessed_values.h"

#include <ATen/ops/isfinite.h>
#include <ATen/ops/ones_like.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>

#include "gradient_check/case/case.h"
#include "gradient_check/subject/evaluation_scope.h"
#include "gradient_check/subject/program/entries/missing_values.h"
#include "gradient_check/subject/program/entries/value_candidates.h"
#include "gradient_check/subject/program/program_subject.h"

namespace gradient_check {
namespace {

constexpr int most_attempts = 1500;
constexpr std::chrono::seconds longest_search{20};
/// How far down the lists of candidates, all together, is looked.
constexpr std::size_t furthest = 24;

NamedTensors point_of(const Subject& subject) {
  NamedTensors values;
  for (const auto* tensors : {&subject.inputs(), &subject.parameters()})
    for (const auto& [name, tensor] : *tensors) values.set(name, tensor.detach().clone());
  return values;
}

/// What a draft does when it is run.
struct Attempt {
  bool runs = false;  ///< forward and backward
  bool fits = false;  ///< and each gradient has the shape of its tensor, and all is finite
  std::string error;  ///< where it does not run
  NamedTensors gradients;
  std::vector<std::string> missing;
};

Attempt attempt(const ProgramDraft& draft, const std::filesystem::path& path,
                const CaseOverrides& overrides) {
  Attempt found;
  const Case loaded = load_case_text(draft.text(), path, overrides);
  try {
    const auto subject = make_program_subject(loaded);
    const EvaluationScope scope(loaded.dtype);
    const NamedTensors values = point_of(*subject);
    const at::Tensor output = subject->forward(values);
    found.fits = output.is_floating_point() && output.numel() > 0 &&
                 at::isfinite(output).all().item().toBool();
    if (subject->has_manual())
      found.gradients = subject->manual(values, at::ones_like(output)).gradients;
    found.runs = true;
    found.fits = found.fits && !found.gradients.empty();
    for (const auto& [name, gradient] : found.gradients)
      if (const at::Tensor* value = values.find(name))
        found.fits = found.fits && value->sizes() == gradient.sizes();
  } catch (const MissingValues& missing) {
    found.error = missing.what();
    found.missing = missing.names();
  } catch (const std::exception& error) {
    found.error = error.what();
  }
  return found;
}

/// Tries values for what is missing, those near the heads of the lists first.
class ValueSearch {
 public:
  ValueSearch(ProgramDraft draft, const std::vector<std::string>& missing,
              const std::filesystem::path& path, const CaseOverrides& overrides)
      : draft_(std::move(draft)), missing_(missing), path_(path), overrides_(overrides) {
    for (const std::string& name : missing_) candidates_.push_back(candidates_for(name));
    draft_.taken = missing_;
  }

  /// The first draft that fits, or else that runs.
  std::optional<ProgramDraft> found() {
    for (std::size_t far = 0; far <= furthest && !fits_ && !over(); ++far) look(0, far, draft_);
    return best_;
  }
  const std::string& first_error() const { return first_error_; }

 private:
  bool over() const {
    return attempts_ >= most_attempts || std::chrono::steady_clock::now() - start_ > longest_search;
  }

  void look(std::size_t index, std::size_t far, const ProgramDraft& draft) {
    if (fits_ || over()) return;
    if (index == missing_.size()) {
      if (far == 0) try_out(draft);
      return;
    }
    const bool last = index + 1 == missing_.size();
    for (std::size_t i = last ? far : 0; i <= far && i < candidates_[index].size(); ++i) {
      ProgramDraft next = draft;
      const ValueCandidate& candidate = candidates_[index][i];
      (candidate.is_tensor ? next.inputs : next.arguments)
          .emplace_back(missing_[index], candidate.json);
      look(index + 1, far - i, next);
    }
  }

  void try_out(const ProgramDraft& draft) {
    ++attempts_;
    const Attempt tried = attempt(draft, path_, overrides_);
    if (attempts_ == 1) first_error_ = tried.error;
    if (!tried.runs || (best_ && !tried.fits)) return;
    best_ = draft;
    fits_ = tried.fits;
  }

  ProgramDraft draft_;
  const std::vector<std::string> missing_;
  const std::filesystem::path& path_;
  const CaseOverrides& overrides_;
  std::vector<std::vector<ValueCandidate>> candidates_;
  std::optional<ProgramDraft> best_;
  bool fits_ = false;
  int attempts_ = 0;
  std::string first_error_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Parameters are what has a gradient and is no data.
void sort_out_parameters(ProgramDraft& draft, const Attempt& run) {
  ProgramDraft::Values inputs;
  for (auto& value : draft.inputs) {
    const bool learned = run.gradients.contains(value.first) && !is_data_name(value.first) &&
                         !is_target_name(value.first);
    (learned ? draft.parameters : inputs).push_back(std::move(value));
  }
  draft.inputs = std::move(inputs);
}

}  // namespace

ProgramDraft drafted_case(const std::filesystem::path& path, const std::string& entry,
                          const ProgramOverrides& given, const CaseOverrides& overrides) {
  ProgramDraft draft;
  draft.file = path.filename().string();
  draft.entry = entry;
  draft.dtype = given.dtype;
  for (const auto& [name, shape] : given.shapes)
    draft.inputs.emplace_back(name, tensor_json(name, shape));
  draft.arguments = given.values;
  Attempt run = attempt(draft, path, overrides);
  if (!run.missing.empty()) {
    ValueSearch search(draft, run.missing, path, overrides);
    auto found = search.found();
    if (!found)
      throw SubjectError(
          std::nullopt,
          fmt::format("{}. No small shapes were found for which it runs (with the first that were "
                      "tried: {}); give them with --shape {}=4,3, --set NAME=VALUE, or a case",
                      run.error, search.first_error(), run.missing.front()));
    draft = std::move(*found);
    run = attempt(draft, path, overrides);
  }
  sort_out_parameters(draft, run);
  return draft;
}

}  // namespace gradient_check

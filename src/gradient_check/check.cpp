#include "gradient_check/check.h"

#include <fmt/format.h>
#include <torch/csrc/api/include/torch/version.h>

#include <algorithm>

#include "gradient_check/case/file_access.h"
#include "gradient_check/case/program_file.h"
#include "gradient_check/checked.h"
#include "gradient_check/diagnosis/rule.h"
#include "gradient_check/diagnosis/wording.h"
#include "gradient_check/expectation.h"
#include "gradient_check/gradient/evaluations.h"
#include "gradient_check/subject/complex_subject.h"
#include "gradient_check/subject/derived/derived_subject.h"
#include "gradient_check/subject/device_subject.h"
#include "gradient_check/subject/layered_subject.h"
#include "gradient_check/subject/program/entries/find_entries.h"
#include "gradient_check/subject/program/entries/guessed_values.h"
#include "gradient_check/subject/program/entries/surrogate.h"
#include "gradient_check/subject/program/program_subject.h"
#include "gradient_check/subject/recorded_subject.h"

namespace gradient_check {
namespace {

using WhoIsTold = std::function<void(const Subject*)>;

/// A program runs for the first time here.
std::unique_ptr<Subject> subject_under_test(const Case& loaded, const WhoIsTold& made) {
  if (!loaded.program) return make_layered_subject(loaded);
  try {
    return make_program_subject(loaded, [&](const Subject& subject) {
      if (made) made(&subject);
    });
  } catch (...) {
    if (made) made(nullptr);
    throw;
  }
}

std::unique_ptr<Subject> subject_of(const Case& loaded, const WhoIsTold& made = {}) {
  auto subject = subject_under_test(loaded, made);
  if (loaded.gradients)
    subject = with_recorded_gradients(std::move(subject), *loaded.gradients, loaded.dtype);
  return in_real_pairs(std::move(subject));
}

std::unique_ptr<Subject> make_subject(const Case& loaded, const std::string& device,
                                      const WhoIsTold& made = {}) {
  return on_device(subject_of(loaded, made), usable_device(device));
}

Verdict verdict_of(const CaseResult& result) {
  bool inconclusive = false;
  for (const GradientResult& gradient : result.gradients) {
    inconclusive = inconclusive || gradient.verdict == TensorVerdict::inconclusive;
    if (gradient.verdict != TensorVerdict::match && gradient.verdict != TensorVerdict::inconclusive)
      return Verdict::fail;
  }
  for (const Finding& finding : result.findings)
    if (finding.severity == Severity::error) return Verdict::fail;
  return inconclusive ? Verdict::inconclusive : Verdict::pass;
}

/// Checks a subject that is made of another one's derivatives, and adds what is found.
void add_check_of(const Subject& derived, const CheckSettings& settings, CaseResult& result) {
  Observation observation = observe(derived, settings);
  for (Finding& finding : diagnose(observation.evidence))
    result.findings.push_back(std::move(finding));
  for (TensorComparison& tensor : observation.evidence.tensors)
    result.gradients.push_back(std::move(tensor.result));
}

/// The second order where it is asked for or the program has a function `hvp`, and its `jvp`.
void add_derived(const Subject& subject, const at::Tensor& output, const CheckSettings& settings,
                 CaseResult& result) {
  if (!subject.has_jvp() && !subject.has_hvp() && settings.options.order < 2) return;
  CheckSettings once = settings;
  once.train.reset();
  once.derived = true;
  if (subject.has_jvp())
    add_check_of(
        *make_tangent_subject(subject, draw_tangents(subject, "jvp", settings.seed), output), once,
        result);
  if (subject.has_hvp() || settings.options.order > 1)
    add_check_of(*make_hessian_subject(subject, draw_tangents(subject, "hvp", settings.seed),
                                       case_cotangent(output, settings.dtype, settings.seed)),
                 once, result);
}

/// While it lives, whoever wants to know is told of a subject.
class Told {
 public:
  Told(const std::function<void(const Subject*)>& made, const Subject& subject) : made_(made) {
    if (made_) made_(&subject);
  }
  ~Told() {
    if (made_) made_(nullptr);
  }
  Told(const Told&) = delete;
  Told& operator=(const Told&) = delete;

 private:
  const std::function<void(const Subject*)>& made_;
};

/// A gradient may differ on purpose, as of what rounds: that is said where one is found wrong.
void add_surrogate_advice(const Case& loaded, CaseResult& result) {
  if (result.verdict != Verdict::fail) return;
  const std::string advice = surrogate_advice(loaded);
  for (Finding& finding : result.findings)
    if (!advice.empty() && finding.severity == Severity::error)
      finding.help += (finding.help.empty() ? "" : "; ") + advice;
}

/// A case file of more bytes is mostly numbers, and not shown.
constexpr std::size_t shown_source_bytes = 1 << 18;

/// What the findings of a case point into: its program, or the case file itself.
std::vector<SourceText> sources_of(const std::filesystem::path& path,
                                   const std::optional<ProgramText>& program) {
  if (program) return {{program->label, program->text}};
  try {
    std::string text = read_text_file(path.string(), {path.string(), 0, 0}, "");
    if (text.size() <= shown_source_bytes) return {{path.string(), std::move(text)}};
  } catch (const CaseError&) {
  }
  return {};
}

}  // namespace

namespace {

/// Why a verdict is inconclusive.
std::string why_inconclusive(const std::vector<TensorComparison>& tensors) {
  for (const TensorComparison& tensor : tensors)
    if (!tensor.unresolved.empty() && tensor.result.worst)
      return fmt::format(
          "no finite difference is fine enough to tell which gradient of {} is right: {}{}",
          tensor.result.name, values_text(*tensor.result.worst),
          tensor.unresolved.size() > 1
              ? fmt::format(", and at {} more", tensor.unresolved.size() - 1)
              : "");
  return "finite differences cannot resolve a gradient: rounding inside the forward, or kinks at "
         "the point, move the loss as much as a step does";
}

}  // namespace

CaseResult check_subject(const Subject& subject, const CheckSettings& settings) {
  Observation observation = observe(subject, settings);
  if (const auto why = subject.why_not_differentiable()) throw SubjectError(std::nullopt, *why);
  CaseResult result;
  result.loss = observation.loss;
  result.training = std::move(observation.training);
  result.findings = diagnose(observation.evidence);
  std::string unresolved = why_inconclusive(observation.evidence.tensors);
  for (TensorComparison& tensor : observation.evidence.tensors)
    result.gradients.push_back(std::move(tensor.result));
  // On the CPU: LibTorch differentiates on a GPU in threads that no observer belongs to.
  if (observation.can_derive) add_derived(subject.on_cpu(), observation.output, settings, result);
  std::stable_sort(result.findings.begin(), result.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.severity < b.severity; });
  result.verdict = verdict_of(result);
  if (result.verdict == Verdict::inconclusive) result.message = std::move(unresolved);
  return result;
}

CaseResult check_case(const Case& loaded, const CaseOverrides& overrides,
                      const std::function<void(const Subject*)>& made) {
  const auto subject = make_subject(loaded, overrides.device, made);
  const Told told(made, *subject);
  CaseResult result =
      check_subject(*subject, {loaded.dtype, loaded.seed, loaded.check, loaded.train});
  add_surrogate_advice(loaded, result);
  return result;
}

CaseResult check_file(const std::filesystem::path& path, const CaseOverrides& overrides,
                      const std::function<void(const Subject*)>& made) {
  std::optional<Expectation> expectation;
  std::optional<ProgramText> program;
  std::string name = path.stem().string();
  CaseResult result = checked([&] {
    const Case loaded = load_case(path, overrides);
    expectation = loaded.expect;
    name = loaded.name;
    program = loaded.program;
    return check_case(loaded, overrides, made);
  });
  result.file = path.string();
  result.name = name;
  if (overrides.plots) result.sources = sources_of(path, program);
  if (expectation) apply_expectation(*expectation, result);
  return result;
}

std::vector<std::string> program_entries(const std::filesystem::path& path) {
  std::vector<std::string> names;
  try {
    const std::string text = read_text_file(path, {path.string(), 0, 0}, "");
    const EvaluatedProgram program(path.string(), text, at::kDouble);
    for (FoundEntry& entry : find_entries(program.tree())) names.push_back(std::move(entry.name));
  } catch (const std::exception&) {  // its check says why
  }
  return names;
}

CaseResult check_program(const ProgramRequest& request, const CaseOverrides& overrides,
                         const std::function<void(const Subject*)>& made) {
  std::optional<ProgramText> program;
  std::string taken;
  CaseResult result = checked([&] {
    const ProgramDraft draft = drafted_case(request.path, request.entry, request.given, overrides);
    taken = draft.taken_text();
    const Case loaded = load_case_text(draft.text(), request.path, overrides);
    program = loaded.program;
    return check_case(loaded, overrides, made);
  });
  result.file = request.path.string();
  result.name = program_case_name(request.path, request.entry);
  result.taken = std::move(taken);
  if (overrides.plots && program) result.sources = {{program->label, program->text}};
  return result;
}

std::string draft_case(const ProgramRequest& request, const CaseOverrides& overrides,
                       const std::string& named) {
  ProgramDraft draft = drafted_case(request.path, request.entry, request.given, overrides);
  draft.file = named;
  return draft.text();
}

RunResult run_of(std::vector<CaseResult> results) {
  RunResult run{std::move(results), 0, libtorch_version(), rule_pages()};
  for (const CaseResult& result : run.cases) run.seconds += result.seconds;
  return run;
}

std::vector<RulePage> rule_pages() {
  std::vector<RulePage> pages;
  for (const Rule* rule : rules()) pages.push_back({rule->id, rule->summary, rule->page});
  return pages;
}

std::string libtorch_version() {
  return fmt::format("{}.{}.{}", TORCH_VERSION_MAJOR, TORCH_VERSION_MINOR, TORCH_VERSION_PATCH);
}

}  // namespace gradient_check

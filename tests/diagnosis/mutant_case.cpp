#include "diagnosis/mutant_case.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "gradient_check/gradient/dtype_limits.h"
#include "gradient_check/gradient/evaluations.h"
#include "gradient_check/gradient/scan.h"
#include "gradient_check/subject/program/program_subject.h"

namespace gradient_check {
namespace {

constexpr double negligible = 1e-6;  ///< a gradient this small beside the others is rounding

nlohmann::ordered_json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  return nlohmann::ordered_json::parse(file, nullptr, true, true);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// Whether a case is expected to pass, and its program has a backward.
bool is_right(const std::filesystem::path& path) {
  const Case loaded = load_case(path);
  if (!loaded.program || !loaded.expect || loaded.expect->verdict != "pass") return false;
  return make_program_subject(loaded)->has_manual();
}

}  // namespace

/// A text loaded as the case's program, and the point that it is evaluated at.
struct MutantCase::Program {
  Case loaded;
  std::unique_ptr<Subject> subject;
  NamedTensors values;
  at::Tensor cotangent;
};

MutantCase::MutantCase(const std::filesystem::path& path) : path_(path), json_(read_json(path)) {
  json_.erase("expect");
  text_ = load_case(path).program->text;
  std::optional<NamedTensors> right = gradients(text_);
  if (!right) throw std::runtime_error(path.string() + " does not run");
  right_ = std::move(*right);
  writes_ = writes_of(text_);
  mutations_ = mutations_of(text_, facts_of(writes_));
}

/// Throws where the text does not compile.
MutantCase::Program MutantCase::load(const std::string& text) const {
  nlohmann::ordered_json json = json_;
  json["program"] = {{"source", lines_of(text)}};
  Program program;
  program.loaded = load_case_text(json.dump(), path_);
  program.subject = make_program_subject(program.loaded);
  program.values = values_in(*program.subject, at::kDouble);
  const at::Tensor output = run_forward(*program.subject, clone(program.values), at::kDouble);
  program.cotangent = draw_cotangent(output.sizes(), program.loaded.dtype, program.loaded.seed);
  return program;
}

std::optional<NamedTensors> MutantCase::gradients(const std::string& text) const {
  try {
    const Program program = load(text);
    return run_manual(*program.subject, program.values, program.cotangent, at::kDouble).gradients;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

bool MutantCase::differ(const NamedTensors& a, const NamedTensors& b) const {
  double overall = 0;
  for (const auto& [name, gradient] : right_)
    overall = std::max(overall, largest_magnitude(gradient));
  const bool is_double = json_.value("dtype", "float32") == "float64";
  const double limit = detection_limit(is_double ? at::kDouble : at::kFloat);
  for (const auto& [name, gradient] : right_) {
    const at::Tensor *left = a.find(name), *other = b.find(name);
    if (!left || !other || left->sizes() != other->sizes()) return true;
    if (left->numel() == 0) continue;
    const double scale = std::max(largest_magnitude(gradient), negligible * overall);
    const double difference = (*left - *other).abs().max().item<double>();
    if (!(difference <= limit * scale)) return true;  // NaN differs
  }
  return false;
}

std::optional<CaseResult> MutantCase::check(const std::string& text) const {
  try {
    const Program program = load(text);
    const Case& loaded = program.loaded;
    CaseResult result =
        check_subject(*program.subject, {loaded.dtype, loaded.seed, loaded.check, {}});
    if (result.verdict == Verdict::error) return std::nullopt;
    return result;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::vector<TracedWrite> MutantCase::writes_of(const std::string& text) const {
  try {
    const Program program = load(text);
    return traced_writes(*program.subject, text, program.values, program.cotangent);
  } catch (const std::exception&) {
    return {};
  }
}

std::set<std::string> MutantCase::rules_of(const Mutation& mutation) const {
  std::set<std::string> rules = mutation.rules;
  rules.merge(rules_of_effect(writes_, writes_of(planted(text_, {mutation})), mutation.lines));
  return rules;
}

std::optional<std::size_t> MutantCase::first_wrong_line(const Mutation& mutation) const {
  return gradient_check::first_wrong_line(writes_, writes_of(planted(text_, {mutation})));
}

std::vector<MutantCase> mutant_cases(const std::filesystem::path& cases) {
  std::vector<std::filesystem::path> paths;
  for (const char* folder : {"programs", "notebook"})
    for (const auto& entry : std::filesystem::directory_iterator(cases / folder))
      if (entry.path().extension() == ".json") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<MutantCase> found;
  for (const auto& path : paths) {
    const bool unrepaired = path.parent_path().filename() == "notebook" &&
                            path.stem().string().find("_repaired") == std::string::npos;
    // The lines of a jvp or hvp, and of a program of complex numbers, are checked as a whole, not
    // blamed one by one.
    const std::string stem = path.stem().string();
    const bool as_a_whole = stem.rfind("tangents", 0) == 0 || stem.rfind("complex", 0) == 0;
    if (!unrepaired && !as_a_whole && is_right(path)) found.emplace_back(path);
  }
  return found;
}

}  // namespace gradient_check

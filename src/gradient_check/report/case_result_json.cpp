#include <cmath>
#include <limits>
#include <stdexcept>

#include "gradient_check/report/case_result.h"

namespace gradient_check {
namespace {

using Json = nlohmann::ordered_json;

template <typename Enumeration>
Enumeration from_name(const Json& json, Enumeration last) {
  const auto name = json.get<std::string>();
  for (int i = 0; i <= static_cast<int>(last); ++i)
    if (name == to_string(static_cast<Enumeration>(i))) return static_cast<Enumeration>(i);
  throw std::invalid_argument("unknown name in a report: " + name);
}

void put_number(Json& json, const char* key, const std::optional<double>& value) {
  if (value) json[key] = number_to_json(*value);
}

std::optional<double> get_number(const Json& json, const char* key) {
  if (!json.contains(key)) return std::nullopt;
  return number_from_json(json.at(key));
}

Json certificate_to_json(const Certificate& certificate) {
  Json json{{"kind", certificate.kind}, {"elements", certificate.elements}};
  if (certificate.directions > 0) json["directions"] = certificate.directions;
  put_number(json, "relative_error_bound", certificate.relative_error_bound);
  put_number(json, "confidence", certificate.confidence);
  put_number(json, "distance", certificate.distance);
  return json;
}

Certificate certificate_from_json(const Json& json) {
  return {json.at("kind"),
          json.at("elements"),
          json.value("directions", std::int64_t{0}),
          get_number(json, "relative_error_bound"),
          get_number(json, "confidence"),
          get_number(json, "distance")};
}

Json gradient_to_json(const GradientResult& gradient) {
  Json json{{"name", gradient.name},
            {"shape", gradient.shape},
            {"verdict", to_string(gradient.verdict)},
            {"wrong", to_string(gradient.wrong)},
            {"max_abs_error", number_to_json(gradient.max_abs_error)},
            {"max_rel_error", number_to_json(gradient.max_rel_error)},
            {"mismatched", gradient.mismatched},
            {"elements", gradient.elements}};
  if (gradient.is_complex) json["complex"] = true;
  if (gradient.worst) {
    Json worst{{"index", gradient.worst->index}};
    put_number(worst, "manual", gradient.worst->manual);
    put_number(worst, "autograd", gradient.worst->autograd);
    put_number(worst, "finite_difference", gradient.worst->finite_difference);
    put_number(worst, "finite_difference_error", gradient.worst->finite_difference_error);
    json["worst"] = std::move(worst);
  }
  json["certificate"] = certificate_to_json(gradient.certificate);
  return json;
}

GradientResult gradient_from_json(const Json& json) {
  GradientResult gradient;
  gradient.name = json.at("name");
  gradient.shape = json.at("shape").get<std::vector<std::int64_t>>();
  gradient.verdict = from_name(json.at("verdict"), TensorVerdict::missing);
  gradient.wrong = from_name(json.at("wrong"), Wrong::unknown);
  gradient.max_abs_error = number_from_json(json.at("max_abs_error"));
  gradient.max_rel_error = number_from_json(json.at("max_rel_error"));
  gradient.mismatched = json.at("mismatched");
  gradient.elements = json.at("elements");
  gradient.is_complex = json.value("complex", false);
  if (json.contains("worst")) {
    const Json& worst = json.at("worst");
    gradient.worst = ElementValues{worst.at("index").get<std::vector<std::int64_t>>(),
                                   get_number(worst, "manual"), get_number(worst, "autograd"),
                                   get_number(worst, "finite_difference"),
                                   get_number(worst, "finite_difference_error")};
  }
  gradient.certificate = certificate_from_json(json.at("certificate"));
  return gradient;
}

void put_place(Json& json, const std::optional<Place>& place) {
  if (!place) return;
  json["file"] = place->file;
  json["line"] = place->line;
  json["column"] = place->column;
  json["width"] = place->width;
  if (!place->source_line.empty()) json["source_line"] = place->source_line;
}

std::optional<Place> get_place(const Json& json) {
  if (!json.contains("line")) return std::nullopt;
  return Place{json.at("file"), json.at("line"), json.at("column"), json.at("width"),
               json.value("source_line", "")};
}

Json link_to_json(const ChainLink& link) {
  return {{"file", link.file},         {"line", link.line},
          {"column", link.column},     {"op", link.op},
          {"index", link.index},       {"value", link.value},
          {"operands", link.operands}, {"phase", link.phase}};
}

ChainLink link_from_json(const Json& json) {
  return {json.at("file"),
          json.at("line"),
          json.at("column"),
          json.at("op"),
          json.at("index").get<std::vector<std::int64_t>>(),
          json.at("value"),
          json.at("operands").get<std::vector<std::string>>(),
          json.at("phase")};
}

Json finding_to_json(const Finding& finding) {
  Json json{{"rule", finding.rule},
            {"severity", to_string(finding.severity)},
            {"message", finding.message}};
  put_place(json, finding.place);
  json["subject"] = finding.subject;
  json["evidence"] = finding.evidence;
  json["help"] = finding.help;
  if (!finding.notes.empty()) json["notes"] = finding.notes;
  if (finding.fix)
    json["fix"] = {{"replacement", finding.fix->replacement}, {"verified", finding.fix->verified},
                   {"original", finding.fix->original},       {"line", finding.fix->line},
                   {"column", finding.fix->column},           {"end_line", finding.fix->end_line},
                   {"end_column", finding.fix->end_column}};
  for (const ChainLink& link : finding.chain) json["chain"].push_back(link_to_json(link));
  return json;
}

Finding finding_from_json(const Json& json) {
  Finding finding;
  finding.rule = json.at("rule");
  finding.severity = from_name(json.at("severity"), Severity::note);
  finding.message = json.at("message");
  finding.subject = json.at("subject");
  finding.place = get_place(json);
  finding.evidence = json.at("evidence");
  finding.help = json.at("help");
  if (json.contains("notes")) finding.notes = json.at("notes").get<std::vector<std::string>>();
  if (json.contains("fix")) {
    const Json& fix = json.at("fix");
    finding.fix =
        Fix{fix.at("line"),     fix.at("column"),      fix.at("end_line"), fix.at("end_column"),
            fix.at("original"), fix.at("replacement"), fix.at("verified")};
  }
  if (json.contains("chain"))
    for (const Json& link : json.at("chain")) finding.chain.push_back(link_from_json(link));
  return finding;
}

void put_step(Json& json, const char* key, const std::optional<std::int64_t>& step) {
  if (step) json[key] = *step;
}

std::optional<std::int64_t> get_step(const Json& json, const char* key) {
  if (!json.contains(key)) return std::nullopt;
  return json.at(key).get<std::int64_t>();
}

Json training_to_json(const TrainingResult& training) {
  Json json{{"steps", training.steps}};
  put_step(json, "first_non_finite_step", training.first_non_finite_step);
  put_step(json, "first_nan_step", training.first_nan_step);
  put_step(json, "turned_step", training.turned_step);
  if (!training.non_finite.empty()) json["non_finite"] = training.non_finite;
  json["losses"] = Json::array();
  for (const auto& [step, loss] : training.losses)
    json["losses"].push_back({step, number_to_json(loss)});
  json["changed_runs"] = Json::array();
  for (const ChangedRun& run : training.changed_runs) {
    Json entry{{"changed", run.changed}, {"steps", run.steps}};
    put_step(entry, "first_non_finite_step", run.first_non_finite_step);
    entry["loss"] = number_to_json(run.loss);
    entry["cures"] = run.cures;
    json["changed_runs"].push_back(std::move(entry));
  }
  json["gradients_before"] = Json::array();
  for (const auto& [name, verdict] : training.gradients_before)
    json["gradients_before"].push_back({{"name", name}, {"verdict", verdict}});
  return json;
}

TrainingResult training_from_json(const Json& json) {
  TrainingResult training;
  training.steps = json.at("steps");
  training.first_non_finite_step = get_step(json, "first_non_finite_step");
  training.first_nan_step = get_step(json, "first_nan_step");
  training.turned_step = get_step(json, "turned_step");
  training.non_finite = json.value("non_finite", "");
  for (const Json& point : json.at("losses"))
    training.losses.emplace_back(point.at(0).get<std::int64_t>(), number_from_json(point.at(1)));
  for (const Json& entry : json.at("changed_runs"))
    training.changed_runs.push_back({entry.at("changed"), entry.at("steps"),
                                     get_step(entry, "first_non_finite_step"),
                                     number_from_json(entry.at("loss")), entry.at("cures")});
  for (const Json& gradient : json.at("gradients_before"))
    training.gradients_before.emplace_back(gradient.at("name"), gradient.at("verdict"));
  return training;
}

}  // namespace

const char* to_string(Verdict verdict) {
  static constexpr const char* names[] = {"pass", "fail", "inconclusive", "error"};
  return names[static_cast<std::size_t>(verdict)];
}

Json number_to_json(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

double number_from_json(const Json& json) {
  if (json.is_number()) return json.get<double>();
  const auto text = json.get<std::string>();
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (text == "inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf") return -std::numeric_limits<double>::infinity();
  throw std::invalid_argument("not a number in a report: " + text);
}

Json to_json(const CaseResult& result) {
  Json json{{"file", result.file},
            {"name", result.name},
            {"verdict", to_string(result.verdict)},
            {"as_expected", nullptr}};
  if (result.as_expected) json["as_expected"] = *result.as_expected;
  if (!result.unmet.empty()) json["unmet"] = result.unmet;
  if (result.skipped) json["skipped"] = true;
  if (!result.message.empty()) json["message"] = result.message;
  if (result.place) put_place(json["place"], result.place);
  if (!result.json_path.empty()) json["json_path"] = result.json_path;
  json["seconds"] = result.seconds;
  if (result.loss) {
    Json loss = Json::object();
    put_number(loss, "manual", result.loss->manual);
    loss["autograd"] = number_to_json(result.loss->autograd);
    json["loss"] = std::move(loss);
  }
  json["gradients"] = Json::array();
  for (const GradientResult& gradient : result.gradients)
    json["gradients"].push_back(gradient_to_json(gradient));
  json["findings"] = Json::array();
  for (const Finding& finding : result.findings)
    json["findings"].push_back(finding_to_json(finding));
  if (result.training) json["training"] = training_to_json(*result.training);
  return json;
}

CaseResult case_result_from_json(const Json& json) {
  CaseResult result;
  result.file = json.at("file");
  result.name = json.at("name");
  result.verdict = from_name(json.at("verdict"), Verdict::error);
  if (!json.at("as_expected").is_null()) result.as_expected = json.at("as_expected").get<bool>();
  result.unmet = json.value("unmet", "");
  result.skipped = json.value("skipped", false);
  result.message = json.value("message", "");
  if (json.contains("place")) result.place = get_place(json.at("place"));
  result.json_path = json.value("json_path", "");
  result.seconds = json.at("seconds");
  if (json.contains("loss"))
    result.loss = LossValues{get_number(json.at("loss"), "manual"),
                             number_from_json(json.at("loss").at("autograd"))};
  for (const Json& gradient : json.at("gradients"))
    result.gradients.push_back(gradient_from_json(gradient));
  for (const Json& finding : json.at("findings"))
    result.findings.push_back(finding_from_json(finding));
  if (json.contains("training")) result.training = training_from_json(json.at("training"));
  return result;
}

}  // namespace gradient_check

#include <stdexcept>

#include "gradient_check/report/case_result.h"
#include "gradient_check/report/gradient_json.h"
#include "gradient_check/report/json_fields.h"

namespace gradient_check {
namespace {

using Json = nlohmann::ordered_json;

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
  return Place{json.at("file"), whole(json.at("line")), whole(json.at("column")),
               whole(json.at("width")), json.value("source_line", "")};
}

Json link_to_json(const ChainLink& link) {
  return {{"file", link.file},         {"line", link.line},
          {"column", link.column},     {"op", link.op},
          {"index", link.index},       {"value", link.value},
          {"operands", link.operands}, {"phase", link.phase}};
}

ChainLink link_from_json(const Json& json) {
  return {json.at("file"),
          whole(json.at("line")),
          whole(json.at("column")),
          json.at("op"),
          whole_numbers(json.at("index")),
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
        Fix{whole(fix.at("line")),       whole(fix.at("column")), whole(fix.at("end_line")),
            whole(fix.at("end_column")), fix.at("original"),      fix.at("replacement"),
            fix.at("verified")};
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
  return whole(json.at(key));
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
    if (run.cut) entry["cut"] = true;
    json["changed_runs"].push_back(std::move(entry));
  }
  json["gradients_before"] = Json::array();
  for (const auto& [name, verdict] : training.gradients_before)
    json["gradients_before"].push_back({{"name", name}, {"verdict", verdict}});
  return json;
}

TrainingResult training_from_json(const Json& json) {
  TrainingResult training;
  training.steps = whole(json.at("steps"));
  training.first_non_finite_step = get_step(json, "first_non_finite_step");
  training.first_nan_step = get_step(json, "first_nan_step");
  training.turned_step = get_step(json, "turned_step");
  training.non_finite = json.value("non_finite", "");
  for (const Json& point : json.at("losses"))
    training.losses.emplace_back(std::int64_t{whole(point.at(0))}, number_from_json(point.at(1)));
  for (const Json& entry : json.at("changed_runs"))
    training.changed_runs.push_back(
        {entry.at("changed"), whole(entry.at("steps")), get_step(entry, "first_non_finite_step"),
         number_from_json(entry.at("loss")), entry.at("cures"), entry.value("cut", false)});
  for (const Json& gradient : json.at("gradients_before"))
    training.gradients_before.emplace_back(gradient.at("name"), gradient.at("verdict"));
  return training;
}

}  // namespace

const char* to_string(Verdict verdict) {
  static constexpr const char* names[] = {"pass", "fail", "inconclusive", "error"};
  return names[static_cast<std::size_t>(verdict)];
}

Json to_json(const CaseResult& result) {
  Json json{{"file", result.file},
            {"name", result.name},
            {"verdict", to_string(result.verdict)},
            {"as_expected", nullptr}};
  if (result.as_expected) json["as_expected"] = *result.as_expected;
  if (!result.unmet.empty()) json["unmet"] = result.unmet;
  if (result.skipped) json["skipped"] = true;
  if (result.unread) json["unread"] = true;
  if (!result.message.empty()) json["message"] = result.message;
  if (!result.taken.empty()) json["taken"] = result.taken;
  if (result.place) put_place(json["place"], result.place);
  if (!result.json_path.empty()) json["json_path"] = result.json_path;
  if (!result.last_output.empty()) json["last_output"] = result.last_output;
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
  for (const SourceText& source : result.sources)
    json["sources"].push_back({{"file", source.file}, {"text", source.text}});
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
  result.unread = json.value("unread", false);
  result.message = json.value("message", "");
  result.taken = json.value("taken", "");
  if (json.contains("place")) result.place = get_place(json.at("place"));
  result.json_path = json.value("json_path", "");
  result.last_output = json.value("last_output", "");
  result.seconds = json.at("seconds");
  if (json.contains("loss"))
    result.loss = LossValues{get_number(json.at("loss"), "manual"),
                             number_from_json(json.at("loss").at("autograd"))};
  for (const Json& gradient : json.at("gradients"))
    result.gradients.push_back(gradient_from_json(gradient));
  for (const Json& finding : json.at("findings"))
    result.findings.push_back(finding_from_json(finding));
  if (json.contains("training")) result.training = training_from_json(json.at("training"));
  if (json.contains("sources"))
    for (const Json& source : json.at("sources"))
      result.sources.push_back({source.at("file"), source.at("text")});
  return result;
}

}  // namespace gradient_check

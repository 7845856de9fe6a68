#include "wire/facts.h"

#include <nlohmann/json.hpp>

namespace gradient_check::wire {

std::string to_text(const Facts& facts) {
  nlohmann::ordered_json json{{"libtorch", facts.libtorch}, {"schema", facts.schema}};
  for (const RulePage& rule : facts.rules)
    json["rules"].push_back({{"id", rule.id}, {"summary", rule.summary}, {"page", rule.page}});
  return json.dump(1) + "\n";
}

Facts facts_from_text(const std::string& text) {
  const auto json = nlohmann::json::parse(text);
  Facts facts{json.at("libtorch"), json.at("schema"), {}};
  for (const auto& rule : json.at("rules"))
    facts.rules.push_back({rule.at("id"), rule.at("summary"), rule.at("page")});
  return facts;
}

}  // namespace gradient_check::wire

#include "wire/settings.h"

#include <nlohmann/json.hpp>

namespace gradient_check::wire {
namespace {

template <typename Value>
nlohmann::json maybe(const std::optional<Value>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

template <typename Value>
std::optional<Value> maybe(const nlohmann::json& json) {
  return json.is_null() ? std::nullopt : std::optional(json.get<Value>());
}

}  // namespace

std::string to_bytes(const WorkerSettings& settings) {
  // CBOR: paths need not be UTF-8, and numbers arrive as they were.
  const nlohmann::json json{{"seed", maybe(settings.overrides.seed)},
                            {"rtol", maybe(settings.overrides.rtol)},
                            {"atol", maybe(settings.overrides.atol)},
                            {"device", settings.overrides.device},
                            {"plots", settings.overrides.plots},
                            {"shapes", settings.program.shapes},
                            {"values", settings.program.values},
                            {"dtype", settings.program.dtype},
                            {"libraries", settings.libraries},
                            {"readable", settings.readable},
                            {"parent", settings.parent},
                            {"memory_bytes", settings.memory_bytes},
                            {"timeout", settings.timeout},
                            {"watch", settings.watch}};
  std::string bytes;
  nlohmann::json::to_cbor(json, bytes);
  return bytes;
}

WorkerSettings settings_from_bytes(const std::string& bytes) {
  const auto json = nlohmann::json::from_cbor(bytes);
  WorkerSettings settings;
  settings.overrides.seed = maybe<std::uint64_t>(json.at("seed"));
  settings.overrides.rtol = maybe<double>(json.at("rtol"));
  settings.overrides.atol = maybe<double>(json.at("atol"));
  settings.overrides.device = json.at("device");
  settings.overrides.plots = json.at("plots");
  ProgramOverrides& program = settings.program;
  program.shapes = json.at("shapes").get<decltype(program.shapes)>();
  program.values = json.at("values").get<decltype(program.values)>();
  program.dtype = json.at("dtype");
  settings.libraries = json.at("libraries").get<std::vector<std::string>>();
  settings.readable = json.at("readable").get<std::vector<std::string>>();
  settings.parent = json.at("parent");
  settings.memory_bytes = json.at("memory_bytes");
  settings.timeout = json.at("timeout");
  settings.watch = json.at("watch");
  return settings;
}

}  // namespace gradient_check::wire

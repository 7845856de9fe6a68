#include "wire/check_request.h"

#include <nlohmann/json.hpp>

namespace gradient_check::wire {
namespace {

// CBOR: paths need not be UTF-8.
std::string bytes_of(const nlohmann::json& json) {
  std::string bytes;
  nlohmann::json::to_cbor(json, bytes);
  return bytes;
}

}  // namespace

std::string to_bytes(const CheckRequest& request) {
  return bytes_of({{"path", request.path}, {"entry", request.entry}, {"named", request.named}});
}

CheckRequest check_request_from_bytes(const std::string& bytes) {
  const auto json = nlohmann::json::from_cbor(bytes);
  return {json.at("path"), json.at("entry"), json.at("named")};
}

std::string to_bytes(const Draft& draft) {
  return bytes_of({{"text", draft.text}, {"error", draft.error}});
}

Draft draft_from_bytes(const std::string& bytes) {
  const auto json = nlohmann::json::from_cbor(bytes);
  return {json.at("text"), json.at("error")};
}

std::string to_bytes(const std::vector<std::string>& names) { return bytes_of(names); }

std::vector<std::string> names_from_bytes(const std::string& bytes) {
  return nlohmann::json::from_cbor(bytes).get<std::vector<std::string>>();
}

}  // namespace gradient_check::wire

#include "gradient_check/checked.h"

#include <fmt/format.h>

#include <chrono>
#include <new>
#include <regex>
#include <sstream>

#include "gradient_check/case/json_value.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {
namespace {

/// What LibTorch's allocators say, and what reaches us of a bad_alloc below an interpreter. Other
/// messages speak of memory too: that of a tensor without storage says "allocate memory".
std::optional<std::string> out_of_memory(const std::string& message) {
  static const std::regex of_an_allocator(
      "DefaultCPUAllocator: (can't allocate|not enough) memory|CUDA out of memory");
  static const std::regex bad_alloc(R"((^|\n|: )std::bad_alloc(\n|$))");
  if (std::regex_search(message, bad_alloc)) return "out of memory";
  if (!std::regex_search(message, of_an_allocator)) return std::nullopt;
  static const std::regex asked(R"((\d+) bytes)");
  std::smatch match;
  if (!std::regex_search(message, match, asked)) return "out of memory";
  return fmt::format("out of memory: {} bytes were asked for", match.str(1));
}

/// The first line of a C++ or LibTorch error message, less backtraces and "Exception raised from".
std::string first_sentence(const std::string& message) {
  std::istringstream lines(message);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t start = line.find_first_not_of(" \t\r");
    if (start == std::string::npos || line.compare(start, 21, "Exception raised from") == 0)
      continue;
    line = line.substr(start, line.find_last_not_of(" \t\r:.") + 1 - start);
    if (!line.empty()) return line;
  }
  return "unknown error";
}

CaseResult guarded(const std::function<CaseResult()>& body) {
  CaseResult failed;
  try {
    return body();
  } catch (const CaseError& error) {
    failed.message = error.what();
    failed.json_path = error.json_path();
    failed.place =
        Place{error.position().file, error.position().line, error.position().column, 1, ""};
  } catch (const SubjectError& error) {
    failed.message = out_of_memory(error.what()).value_or(error.what());
    failed.place = error.place();
  } catch (const std::bad_alloc&) {
    failed.message = "out of memory";
  } catch (const std::exception& error) {
    failed.message = out_of_memory(error.what()).value_or(first_sentence(error.what()));
  } catch (...) {
    failed.message = "the code under test threw something that is no std::exception";
  }
  return failed;
}

}  // namespace

CaseResult checked(const std::function<CaseResult()>& body) {
  const auto start = std::chrono::steady_clock::now();
  CaseResult result = guarded(body);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace gradient_check

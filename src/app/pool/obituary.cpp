#include "app/pool/obituary.h"

#include <fmt/format.h>

#include <cstring>
#include <filesystem>

#include "gradient_check/case/case_name.h"
#include "gradient_check/case/expectation_loader.h"
#include "gradient_check/case/file_access.h"
#include "gradient_check/expectation.h"

namespace gradient_check::app {
namespace {

constexpr std::size_t shown_output = 2000;  ///< bytes

/// The last lines of what was printed.
std::string tail_of(const std::string& output) {
  std::string text = output.substr(0, output.find_last_not_of(" \t\r\n") + 1);
  if (text.size() > shown_output) {
    text.erase(0, text.size() - shown_output);
    text.erase(0, text.find('\n') + 1);
  }
  return text;
}

void put_last_operation(const wire::LastOperation& last, CaseResult& result) {
  const std::string name = wire::get_text(last.name);
  if (name.empty()) return;
  result.message += fmt::format("; the last operation was {}", name);
  if (last.line > 0)
    result.place = Place{wire::get_text(last.file), last.line, last.column, last.width,
                         wire::get_text(last.source_line)};
}

/// A case file of more bytes is not parsed here, where nothing limits what that takes.
constexpr std::uintmax_t largest_parsed = 4U << 20U;

/// A file that cannot be read expects nothing.
void hold_against_expectation(CaseResult& result) {
  try {
    if (std::filesystem::file_size(result.file) > largest_parsed) return;
    const JsonValue root =
        parse_json(read_text_file(result.file, {result.file, 0, 0}, ""), result.file);
    const JsonCursor cursor(root, result.file, "$");
    for (const JsonMember& member : root.members)
      if (member.key == "expect")
        apply_expectation(load_expectation(cursor.member(member)), result);
  } catch (const std::exception&) {
  }
}

CaseResult ended(const std::string& path, std::string message, const wire::LastOperation& last,
                 const std::string& output) {
  CaseResult result;
  result.file = path;
  result.name = case_name(path);
  result.message = std::move(message);
  put_last_operation(last, result);
  result.last_output = tail_of(output);
  hold_against_expectation(result);
  return result;
}

}  // namespace

std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name ? std::string("SIG") + name : fmt::format("signal {}", signal);
}

std::string death_text(const Death& death) {
  if (death.hung_up || death.exit_status == wire::lost_connection)
    return "it closed its connection to gradient-check";
  if (death.signal == 0) return fmt::format("exit status {}", death.exit_status);
  return fmt::format("{} ({})", signal_name(death.signal), ::strsignal(death.signal));
}

CaseResult result_of_death(const std::string& path, const Death& death,
                           const wire::LastOperation& last, const std::string& output) {
  return ended(path, "the case ended the process that ran it: " + death_text(death), last, output);
}

CaseResult result_of_timeout(const std::string& path, double timeout,
                             const wire::LastOperation& last, const std::string& output) {
  return ended(path, fmt::format("the case was ended after {:g} seconds (--timeout)", timeout),
               last, output);
}

CaseResult result_of_memory(const std::string& path, const wire::LastOperation& last,
                            const std::string& output) {
  return ended(path, "the system ran out of memory and killed the process that ran the case", last,
               output);
}

CaseResult refused_case(const std::string& path, const std::string& why) {
  CaseResult result;
  result.file = path;
  result.name = std::filesystem::path(path).stem().string();
  result.message = why;
  result.unread = true;
  result.place = Place{path, 0, 0, 0, ""};
  return result;
}

CaseResult skipped_case(const std::string& path) {
  CaseResult result;
  result.file = path;
  result.name = case_name(path);
  result.skipped = true;
  return result;
}

}  // namespace gradient_check::app

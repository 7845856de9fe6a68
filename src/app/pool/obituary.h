#pragma once

#include <string>

#include "app/pool/worker_process.h"
#include "gradient_check/report/case_result.h"

namespace gradient_check::app {

/// The result of a case that ended its worker: verdict error, the operation that began last and
/// what was printed last, held against what the case expects.
CaseResult result_of_death(const std::string& path, const Death& death,
                           const wire::LastOperation& last, const std::string& output);
/// The same of a case that was ended after `timeout` seconds.
CaseResult result_of_timeout(const std::string& path, double timeout,
                             const wire::LastOperation& last, const std::string& output);
/// The same of a case that the system ended because memory ran out.
CaseResult result_of_memory(const std::string& path, const wire::LastOperation& last,
                            const std::string& output);
/// The result of a case file that nothing may read: verdict error, and why.
CaseResult refused_case(const std::string& path, const std::string& why);
/// A case that was not run.
CaseResult skipped_case(const std::string& path);

/// "SIGSEGV".
std::string signal_name(int signal);
/// "SIGSEGV (Segmentation fault)", "exit status 3".
std::string death_text(const Death& death);

}  // namespace gradient_check::app

#include "gradient_check/checked.h"

#include <chrono>
#include <new>

#include "gradient_check/case/json_value.h"
#include "gradient_check/subject/program/error_text.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {
namespace {

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
    failed.message = error.what();
    failed.place = error.place();
  } catch (const std::bad_alloc&) {
    failed.message = "out of memory";
  } catch (const std::exception& error) {
    failed.message = first_sentence(error.what());
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

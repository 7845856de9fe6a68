#include "gradient_check/python/runtime/raised.h"

namespace gradient_check::python {
namespace {

struct ErrorRow {
  const char* name;
  ErrorKind base;
};
constexpr ErrorRow error_rows[] = {
#define X(name, base) {#name, ErrorKind::base},
    GRADIENT_CHECK_PYTHON_ERRORS(X)
#undef X
};

}  // namespace

void raise_text(ErrorKind kind, std::string message) { throw Raised(kind, std::move(message)); }

const char* error_name(ErrorKind kind) { return error_rows[static_cast<int>(kind)].name; }
ErrorKind error_base(ErrorKind kind) { return error_rows[static_cast<int>(kind)].base; }

}  // namespace gradient_check::python

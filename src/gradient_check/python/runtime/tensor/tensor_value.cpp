#include "gradient_check/python/runtime/tensor/tensor_value.h"

#include <new>
#include <stdexcept>

namespace gradient_check::python {

void rethrow_as_python() {
  try {
    throw;
  } catch (const c10::IndexError& error) {
    raise_text(ErrorKind::IndexError, error.what_without_backtrace());
  } catch (const c10::ValueError& error) {
    raise_text(ErrorKind::ValueError, error.what_without_backtrace());
  } catch (const c10::TypeError& error) {
    raise_text(ErrorKind::TypeError, error.what_without_backtrace());
  } catch (const c10::NotImplementedError& error) {
    raise_text(ErrorKind::NotImplementedError, error.what_without_backtrace());
  } catch (const c10::LinAlgError& error) {
    raise_text(ErrorKind::LinAlgError, error.what_without_backtrace());
  } catch (const c10::Error& error) {
    raise_text(ErrorKind::RuntimeError, error.what_without_backtrace());
  } catch (const LimitReached&) {
    throw;
  } catch (const std::bad_alloc&) {
    raise_text(ErrorKind::MemoryError, "out of memory");
  } catch (const std::exception& error) {
    raise_text(ErrorKind::RuntimeError, error.what());
  }
}

}  // namespace gradient_check::python

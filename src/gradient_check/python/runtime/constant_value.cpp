#include "gradient_check/python/runtime/constant_value.h"

#include "gradient_check/python/runtime/complex_number.h"
#include "gradient_check/python/runtime/text.h"

namespace gradient_check::python {
namespace {

struct ToValue {
  Value operator()(const ast::NoneConstant&) const { return Value::none(); }
  Value operator()(const ast::EllipsisConstant&) const { return Value::ellipsis(); }
  Value operator()(const ast::BigInteger&) const { return {}; }
  Value operator()(const ast::Imaginary& imaginary) const {
    return make<ComplexNumber>(0.0, imaginary.value);
  }
  Value operator()(const ast::Bytes& bytes) const { return make<Bytes>(bytes.value); }
  Value operator()(const std::string& text) const { return Value::string(text); }
  Value operator()(bool value) const { return Value::boolean(value); }
  Value operator()(std::int64_t value) const { return Value::integer(value); }
  Value operator()(double value) const { return Value::real(value); }
};

}  // namespace

Value constant_value(const ast::Constant& constant) {
  return std::visit(ToValue(), constant.value);
}

}  // namespace gradient_check::python

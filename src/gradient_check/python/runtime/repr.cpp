#include <charconv>
#include <cmath>

#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/complex_number.h"
#include "gradient_check/python/runtime/derived.h"
#include "gradient_check/python/runtime/format.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_call.h"

namespace gradient_check::python {
namespace {

std::string without_zero_fraction(double number) {
  std::string text = float_repr(number);
  if (text.size() > 2 && text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string complex_repr(std::complex<double> number) {
  const std::string imaginary = without_zero_fraction(number.imag()) + "j";
  if (number.real() == 0 && !std::signbit(number.real())) return imaginary;
  const bool signed_already = imaginary.front() == '-';
  return "(" + without_zero_fraction(number.real()) + (signed_already ? "" : "+") + imaginary + ")";
}

/// Writes values that may hold each other, as deep as calls may go.
class ReprWriter {
 public:
  explicit ReprWriter(Interpreter& interpreter) : interpreter_(interpreter) {}

  std::string write(const Value& value) {
    if (const Value own = own_special(interpreter_, value, "__repr__"); own.is(Kind::string))
      return text_of(own);
    return write_plain(value);
  }
  std::string write_plain(const Value& value) {
    switch (value.kind()) {
      case Kind::unset:
        return "<unset>";
      case Kind::none:
        return "None";
      case Kind::ellipsis:
        return "Ellipsis";
      case Kind::not_implemented:
        return "NotImplemented";
      case Kind::boolean:
        return value.as_boolean() ? "True" : "False";
      case Kind::integer:
        return std::to_string(value.as_integer());
      case Kind::real:
        return float_repr(value.as_real());
      case Kind::dtype:
        return std::string("torch.") + dtype_name(value);
      case Kind::tensor:
        return tensor_repr(value);
      case Kind::complex:
        return complex_repr(value.as<ComplexNumber>().number);
      case Kind::string:
        return quoted(text_of(value));
      case Kind::bytes:
        return "b" + quoted(value.as<Bytes>().data);
      case Kind::list:
      case Kind::tuple:
      case Kind::dict:
      case Kind::set:
      case Kind::instance:
        return nested(value);
      case Kind::slice: {
        const Slice& slice = value.as<Slice>();
        return "slice(" + write(slice.lower) + ", " + write(slice.upper) + ", " +
               write(slice.step) + ")";
      }
      case Kind::range:
        return range(value.as<Range>());
      case Kind::function:
        return function(value.as<Function>());
      case Kind::builtin:
        return std::string("<built-in function ") + value.as<Builtin>().name + ">";
      case Kind::klass:
        return class_repr(value.as<Class>());
      case Kind::module:
        return "<module '" + value.as<Module>().name + "'>";
      case Kind::opaque:
        return value.as<Opaque>().repr();
      default:
        return "<" + type_name(value) + " object>";
    }
  }

 private:
  std::string nested(const Value& value) {
    if (open_.size() > 200) raise(ErrorKind::RecursionError, "maximum recursion depth exceeded");
    for (const Value* open : open_)
      if (open->same(value)) return value.is(Kind::list) ? "[...]" : "{...}";
    open_.push_back(&value);
    std::string text = container(value);
    open_.pop_back();
    return text;
  }

  std::string container(const Value& value) {
    switch (value.kind()) {
      case Kind::list:
        return "[" + elements(value.as<List>().elements) + "]";
      case Kind::tuple:
        return tuple(value.as<Tuple>());
      case Kind::dict:
        return dict(value.as<Dict>());
      case Kind::set:
        return set(value.as<Set>());
      default:
        return instance(value);
    }
  }

  std::string elements(const std::vector<Value>& values) {
    std::string text;
    for (std::size_t i = 0; i < values.size(); ++i) text += (i ? ", " : "") + write(values[i]);
    return text;
  }
  std::string tuple(const Tuple& tuple) {
    if (tuple.fields == &size_fields()) return "torch.Size([" + elements(tuple.elements) + "])";
    if (tuple.fields) {
      const bool is_torchs = tuple.fields->type_name.starts_with("torch.");
      std::string text = tuple.fields->type_name + (is_torchs ? "(\n" : "(");
      for (std::size_t i = 0; i < tuple.elements.size(); ++i)
        text += (!i          ? ""
                 : is_torchs ? ",\n"
                             : ", ") +
                tuple.fields->names[i] + "=" + write(tuple.elements[i]);
      return text + ")";
    }
    return "(" + elements(tuple.elements) + (tuple.elements.size() == 1 ? ",)" : ")");
  }
  std::string dict(Dict& dict) {
    std::string text;
    for (const auto& entry : dict.table.entries())
      if (entry.key.is_set())
        text += (text.empty() ? "" : ", ") + write(entry.key) + ": " + write(entry.value);
    if (dict.is_counter) return text.empty() ? "Counter()" : "Counter({" + text + "})";
    if (dict.default_factory.is_set())
      return "defaultdict(" + write(dict.default_factory) + ", {" + text + "})";
    return "{" + text + "}";
  }
  std::string set(const Set& set) {
    std::string text;
    for (const auto& entry : set.table.entries())
      if (entry.key.is_set()) text += (text.empty() ? "" : ", ") + write(entry.key);
    if (text.empty()) return set.frozen ? "frozenset()" : "set()";
    return set.frozen ? "frozenset({" + text + "})" : "{" + text + "}";
  }
  std::string range(const Range& range) {
    std::string text = "range(" + std::to_string(range.start) + ", " + std::to_string(range.stop);
    return text + (range.step == 1 ? ")" : ", " + std::to_string(range.step) + ")");
  }
  static std::string function(const Function& function) {
    static const Text name("__qualname__");
    const Value* set = function.attributes ? function.attributes->find(name) : nullptr;
    return "<function " + (set ? text_of(*set) : function.scope.qualified_name) + ">";
  }
  /// With the module, which built-in classes have not.
  static std::string class_name(const Class& type) {
    static const Text name("__module__");
    const Value* module = type.attributes->find(name);
    return (module && module->is(Kind::string) ? text_of(*module) + "." : "") + type.qualified_name;
  }
  static std::string class_repr(const Class& type) { return "<class '" + class_name(type) + "'>"; }
  std::string instance(const Value& value) {
    const Value made = call_special(interpreter_, value, "__repr__");
    if (made.is(Kind::string)) return text_of(made);
    return plain_instance(value);
  }

 public:
  /// What object.__repr__ and BaseException.__repr__ say.
  std::string plain_instance(const Value& value) {
    const Instance& self = value.as<Instance>();
    if (!self.of->error) return "<" + class_name(*self.of) + " object>";
    const Value* arguments = self.attributes->find(Text("args"));
    std::string inside = arguments ? write(*arguments) : "()";
    if (inside.ends_with(",)")) inside = inside.substr(0, inside.size() - 2) + ")";
    return self.of->name + inside;
  }

 private:
  Interpreter& interpreter_;
  std::vector<const Value*> open_;
};

std::string exception_text(Interpreter& interpreter, const Instance& exception) {
  const Value* found = exception.attributes->find(Text("args"));
  const Tuple* arguments = found ? found->get_if<Tuple>() : nullptr;
  if (!arguments || arguments->elements.empty()) return "";
  if (arguments->elements.size() > 1) return repr(interpreter, *found);
  const Value& only = arguments->elements[0];
  return exception.of->error == ErrorKind::KeyError ? repr(interpreter, only)
                                                    : str(interpreter, only);
}

}  // namespace

std::string float_repr(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  char digits[32];
  const auto scientific =
      std::to_chars(digits, digits + sizeof digits, number, std::chars_format::scientific);
  std::string text(digits, scientific.ptr);
  const int exponent = std::stoi(text.substr(text.find('e') + 1));
  if (exponent < -4 || exponent >= 16) return text;
  const auto fixed =
      std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed);
  text.assign(digits, fixed.ptr);
  return text.find('.') == std::string::npos ? text + ".0" : text;
}

std::string quoted(const std::string& text) {
  const bool has_single = text.find('\'') != std::string::npos;
  const char quote = has_single && text.find('"') == std::string::npos ? '"' : '\'';
  std::string result(1, quote);
  for (const char c : text) {
    if (c == quote || c == '\\') {
      result += '\\';
      result += c;
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else if (c == '\r') {
      result += "\\r";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      result += c;
    }
  }
  return result + quote;
}

std::string repr(Interpreter& interpreter, const Value& value) {
  return ReprWriter(interpreter).write(value);
}

std::string plain_repr(Interpreter& interpreter, const Value& value) {
  ReprWriter writer(interpreter);
  return value.is(Kind::instance) ? writer.plain_instance(value) : writer.write_plain(value);
}

std::string plain_str(Interpreter& interpreter, const Value& value) {
  if (value.is(Kind::string)) return text_of(value);
  const Instance* instance = value.get_if<Instance>();
  if (instance && instance->of->error) return exception_text(interpreter, *instance);
  return repr(interpreter, value);
}

std::string str(Interpreter& interpreter, const Value& value) {
  if (const Value own = own_special(interpreter, value, "__str__"); own.is(Kind::string))
    return text_of(own);
  if (value.is(Kind::string)) return text_of(value);
  if (value.is(Kind::opaque)) return value.as<Opaque>().str();
  if (value.is(Kind::instance)) {
    const Value made = call_special(interpreter, value, "__str__");
    if (made.is(Kind::string)) return text_of(made);
    const Instance& instance = value.as<Instance>();
    if (instance.of->error) return exception_text(interpreter, instance);
  }
  return repr(interpreter, value);
}

}  // namespace gradient_check::python

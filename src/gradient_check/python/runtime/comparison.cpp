#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/complex_number.h"
#include "gradient_check/python/runtime/derived.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/operators.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/stack_guard.h"

namespace gradient_check::python {
namespace {

using ast::ComparisonOperator;

template <typename T>
bool holds(ComparisonOperator op, const T& left, const T& right) {
  switch (op) {
    case ComparisonOperator::Eq:
      return left == right;
    case ComparisonOperator::NotEq:
      return left != right;
    case ComparisonOperator::Lt:
      return left < right;
    case ComparisonOperator::LtE:
      return left <= right;
    case ComparisonOperator::Gt:
      return left > right;
    default:
      return left >= right;
  }
}

bool compare_numbers(ComparisonOperator op, const Value& left, const Value& right) {
  if (left.is_integral() && right.is_integral())
    return holds(op, left.as_integer(), right.as_integer());
  return holds(op, left.as_real(), right.as_real());
}

/// Sequences are ordered by their first elements that differ.
Value compare_elements(Interpreter& interpreter, ComparisonOperator op,
                       const std::vector<Value>& left, const std::vector<Value>& right) {
  guard_stack(interpreter);
  const bool is_equality = op == ComparisonOperator::Eq || op == ComparisonOperator::NotEq;
  if (is_equality && left.size() != right.size())
    return Value::boolean(op == ComparisonOperator::NotEq);
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    interpreter.count_step();
    if (equal(interpreter, left[i], right[i])) continue;
    return is_equality ? Value::boolean(op == ComparisonOperator::NotEq)
                       : compare(interpreter, op, left[i], right[i]);
  }
  return Value::boolean(holds(op, left.size(), right.size()));
}

bool equal_tables(Interpreter& interpreter, HashTable& left, HashTable& right, bool with_values) {
  guard_stack(interpreter);
  if (left.size() != right.size()) return false;
  for (const auto& entry : left.entries()) {
    if (!entry.key.is_set()) continue;
    const auto* other = find_entry(interpreter, right, entry.key);
    if (!other || (with_values && !equal(interpreter, entry.value, other->value))) return false;
  }
  return true;
}

bool is_subset(Interpreter& interpreter, Set& part, Set& whole) {
  return std::all_of(
      part.table.entries().begin(), part.table.entries().end(), [&](const auto& entry) {
        return !entry.key.is_set() || find_entry(interpreter, whole.table, entry.key);
      });
}

Value compare_sets(Interpreter& interpreter, ComparisonOperator op, Set& left, Set& right) {
  const bool same = equal_tables(interpreter, left.table, right.table, false);
  switch (op) {
    case ComparisonOperator::Eq:
      return Value::boolean(same);
    case ComparisonOperator::NotEq:
      return Value::boolean(!same);
    case ComparisonOperator::LtE:
      return Value::boolean(is_subset(interpreter, left, right));
    case ComparisonOperator::Lt:
      return Value::boolean(!same && is_subset(interpreter, left, right));
    case ComparisonOperator::GtE:
      return Value::boolean(is_subset(interpreter, right, left));
    default:
      return Value::boolean(!same && is_subset(interpreter, right, left));
  }
}

/// Equality of what has no order; nothing where the kinds differ.
std::optional<bool> equal_unordered(Interpreter& interpreter, const Value& left,
                                    const Value& right) {
  const auto complex_of = [](const Value& value) {
    const auto* number = value.get_if<ComplexNumber>();
    return number ? number->number : std::complex<double>(value.as_real());
  };
  const bool has_complex = left.is(Kind::complex) || right.is(Kind::complex);
  const auto is_any = [](const Value& value) {
    return value.is_number() || value.is(Kind::complex);
  };
  if (has_complex && is_any(left) && is_any(right)) return complex_of(left) == complex_of(right);
  if (left.is(Kind::opaque)) return left.as<Opaque>().equals(right);
  if (left.kind() != right.kind()) return std::nullopt;
  if (left.is(Kind::dict))
    return equal_tables(interpreter, left.as<Dict>().table, right.as<Dict>().table, true);
  if (left.is(Kind::range)) {
    const Range &a = left.as<Range>(), &b = right.as<Range>();
    return a.length() == b.length() && (a.length() == 0 || a.start == b.start) &&
           (a.length() < 2 || a.step == b.step);
  }
  if (left.is(Kind::bound_method)) {
    const auto &a = left.as<BoundMethod>(), &b = right.as<BoundMethod>();
    return a.self.same(b.self) && a.function.same(b.function);
  }
  return std::nullopt;
}

}  // namespace

Value compare_builtin(Interpreter& interpreter, ComparisonOperator op, const Value& left,
                      const Value& right) {
  if (left.is_number() && right.is_number())
    return Value::boolean(compare_numbers(op, left, right));
  if (op == ComparisonOperator::Eq || op == ComparisonOperator::NotEq)
    if (const auto same = equal_unordered(interpreter, left, right))
      return Value::boolean(*same == (op == ComparisonOperator::Eq));
  if (left.kind() != right.kind()) return {};
  switch (left.kind()) {
    case Kind::string:
      return Value::boolean(holds(op, text_of(left), text_of(right)));
    case Kind::bytes:
      return Value::boolean(holds(op, left.as<Bytes>().data, right.as<Bytes>().data));
    case Kind::list:
      return compare_elements(interpreter, op, left.as<List>().elements, right.as<List>().elements);
    case Kind::tuple:
      return compare_elements(interpreter, op, left.as<Tuple>().elements,
                              right.as<Tuple>().elements);
    case Kind::set:
      return compare_sets(interpreter, op, left.as<Set>(), right.as<Set>());
    default:
      return {};
  }
}

bool contains(Interpreter& interpreter, const Value& container, const Value& element) {
  if (const Value found = own_special(interpreter, container, "__contains__", {element});
      found.is_set())
    return truth(interpreter, found);
  return contains_plainly(interpreter, container, element);
}

bool contains_plainly(Interpreter& interpreter, const Value& container, const Value& element) {
  switch (container.kind()) {
    case Kind::klass: {  // an Enum
      const Ref<Iterator> members = iterate(interpreter, container);
      Value member;
      while (members->next(interpreter, member))
        if (member.same(element)) return true;
      return false;
    }
    case Kind::string: {
      const Text* part = element.get_if<Text>();
      if (!part)
        type_error("'in <string>' requires string as left operand, not {}", type_name(element));
      return text_of(container).find(part->text) != std::string::npos;
    }
    case Kind::dict:
      return find_item(interpreter, container.as<Dict>(), element) != nullptr;
    case Kind::set:
      return find_entry(interpreter, container.as<Set>().table, element) != nullptr;
    case Kind::instance: {
      const Value found = call_special(interpreter, container, "__contains__", {element});
      if (found.is_set()) return truth(interpreter, found);
      break;
    }
    case Kind::tensor: {
      // As in PyTorch: (element == self).any().
      const Value same = compare(interpreter, ComparisonOperator::Eq, container, element);
      return truth(interpreter, call_special(interpreter, same, "any"));
    }
    case Kind::list:
    case Kind::tuple:
    case Kind::range:
    case Kind::bytes:
    case Kind::iterator:
      break;
    case Kind::opaque:
      if (container.as<Opaque>().is_sequence()) {
        // As in NumPy: (self == element).any().
        const Value same = compare(interpreter, ComparisonOperator::Eq, container, element);
        const Value any = find_attribute(interpreter, same, Text("any"));
        return truth(interpreter, any.is_set() ? call(interpreter, any, {}) : same);
      }
      [[fallthrough]];
    default:
      type_error("argument of type '{}' is not iterable", type_name(container));
  }
  const Ref<Iterator> iterator = iterate(interpreter, container);
  Value candidate;
  while (iterator->next(interpreter, candidate))
    if (equal(interpreter, candidate, element)) return true;
  return false;
}

std::size_t hash_of(Interpreter& interpreter, const Value& value) {
  switch (value.kind()) {
    case Kind::real: {
      const double number = value.as_real();
      const bool is_integer = std::floor(number) == number && std::fabs(number) < 9e18;
      return is_integer ? static_cast<std::size_t>(static_cast<std::int64_t>(number))
                        : std::hash<double>()(number);
    }
    case Kind::string:
      return value.as<Text>().hash;
    case Kind::bytes:
      return std::hash<std::string>()(value.as<Bytes>().data);
    case Kind::tuple: {
      guard_stack(interpreter);
      std::size_t hash = 0x345678;
      for (const Value& element : value.as<Tuple>().elements)
        hash = (hash ^ hash_of(interpreter, element)) * 1000003;
      return hash;
    }
    case Kind::instance: {
      static const Text hash_name("__hash__");
      const Value* method = find_in_class(interpreter, value, hash_name);
      if (method && method->is_none()) break;
      const Value result = call_special(interpreter, value, "__hash__");
      if (result.is_set()) return static_cast<std::size_t>(result.as_integer());
      if (find_in_class(interpreter, value, Text("__eq__"))) break;
      return static_cast<std::size_t>(value.as_integer());
    }
    case Kind::set:
      if (value.as<Set>().frozen) {
        std::size_t hash = 0;
        for (const auto& entry : value.as<Set>().table.entries())
          if (entry.key.is_set()) hash ^= entry.hash * 1927868237;
        return hash;
      }
      break;
    case Kind::opaque: {
      const Opaque& opaque = value.as<Opaque>();
      if (opaque.is_unknown()) opaque.truth();  // raises where it would have to be known
      if (opaque.is_sequence()) break;
      const Value number = opaque.number();
      if (number.is_set()) return hash_of(interpreter, number);
      return static_cast<std::size_t>(value.as_integer());
    }
    case Kind::list:
    case Kind::dict:
    case Kind::slice:
      break;
    default:
      return static_cast<std::size_t>(value.as_integer());
  }
  type_error("unhashable type: '{}'", type_name(value));
}

}  // namespace gradient_check::python

#pragma once

#include <string>

#include "gradient_check/python/runtime/frame.h"
#include "gradient_check/python/runtime/opaque.h"

namespace gradient_check::python {

/// A value out of a module that is not here. It carries through attributes, calls, indexing,
/// arithmetic and assignment; what needs to know it raises UnknownNeeded, which says what the case
/// must give. Quiet ones are what plotting, progress bars and the like make: empty, and false.
struct Unknown : Opaque {
  Unknown(std::string from, bool is_quiet) : path(from), origin(std::move(from)), quiet(is_quiet) {}
  const char* type_name() const override { return "unknown"; }
  std::string repr() const override { return "<unknown: " + subject() + ">"; }

  Value call(Interpreter&, const Arguments&) override;
  Value attribute(Interpreter&, const Text& name) override;
  bool set_attribute(Interpreter&, const Text&, const Value&) override { return true; }
  void enter(Interpreter&) override {}
  bool truth() const override { return quiet ? false : needed(); }
  std::optional<std::int64_t> index() const override { return needed(), std::nullopt; }

  bool is_unknown() const override { return true; }
  bool has_operators() const override { return true; }
  Value binary(Interpreter&, ast::BinaryOperator, const Value& left, const Value& right,
               bool) override {
    return combined(left, right);
  }
  Value compare(Interpreter&, ast::ComparisonOperator, const Value& left,
                const Value& right) override {
    return combined(left, right);
  }
  Value unary(Interpreter&, ast::UnaryOperator) override { return Value(this); }

  bool is_sequence() const override { return true; }
  std::int64_t length() const override { return quiet ? 0 : needed(); }
  Value get_item(Interpreter&, const Value&) override { return Value(this); }
  void set_item(Interpreter&, const Value&, const Value&) override {}

  /// Throws UnknownNeeded.
  bool needed() const;
  /// The same value under the name that a program gives it.
  Value assigned(const Frame& frame, const std::string& name) const;

  std::string path;        ///< what it is of: "sklearn.datasets.load_iris(…)", "X.reshape(…)"
  std::string origin;      ///< what of a module it all began with
  std::string variable;    ///< what the program calls it, where it does
  std::string giver;       ///< the variable that it was derived from, where there is one
  bool is_global = false;  ///< whether that is a variable of the top level
  bool is_made = false;    ///< whether something was called to make it
  bool quiet;

 private:
  /// What an attribute of it is, or a call: `path` is that one's.
  Ref<Unknown> derived(std::string its_path, bool made) const;
  /// Operators carry, but not beside a tensor or array: that would have to be computed.
  Value combined(const Value& left, const Value& right);
  const std::string& subject() const { return variable.empty() ? path : variable; }
};

/// The value if it is an unknown one, else null.
inline const Unknown* as_unknown(const Value& value) {
  const Opaque* opaque = value.get_if<Opaque>();
  return opaque && opaque->is_unknown() ? static_cast<const Unknown*>(opaque) : nullptr;
}

/// Throws UnknownNeeded if one of the values is unknown, or is a list or tuple that holds one.
void need_known(const Value* values, std::size_t count);

/// Whether a module only shows, draws or reports: matplotlib, wandb.
bool is_quiet_module(const std::string& name);

}  // namespace gradient_check::python

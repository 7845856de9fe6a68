#include "gradient_check/python/runtime/code.h"

#include "gradient_check/python/runtime/constant_value.h"
#include "gradient_check/python/runtime/private_name.h"
#include "gradient_check/python/syntax/children.h"

namespace gradient_check::python {
namespace {

/// Literals and names made into values once.
class ConstantCollector {
 public:
  explicit ConstantCollector(std::vector<Value>& constants) : constants_(constants) {}

  void collect(const ast::StatementPtr& node) {
    const std::string outer = class_name_;
    if (const auto* type = node->as<ast::ClassDef>()) class_name_ = type->name;
    ast::for_each_child(*node, [&](const auto& child) { collect(child); });
    class_name_ = outer;
  }
  void collect(const ast::ExpressionPtr& node) {
    take(node);
    ast::for_each_child(*node, [&](const auto& child) { collect(child); });
  }
  void collect(const ast::PatternPtr& node) {
    ast::for_each_child(*node, [&](const auto& child) { collect(child); });
  }

 private:
  void take(const ast::ExpressionPtr& node) {
    if (const auto* constant = node->as<ast::Constant>())
      constants_[node->id] = constant_value(*constant);
    else if (const auto* attribute = node->as<ast::Attribute>())
      constants_[node->id] = interned(private_name(class_name_, attribute->attr));
    else if (const auto* name = node->as<ast::Name>())
      constants_[node->id] = interned(private_name(class_name_, name->id));
    else if (const auto* call = node->as<ast::Call>())
      for (const auto& keyword : call->keywords)
        if (keyword.arg) constants_[keyword.id] = interned(*keyword.arg);
  }
  Value interned(const std::string& text) {
    Value& known = names_[text];
    if (!known.is_set()) known = Value::string(text);
    return known;
  }
  std::vector<Value>& constants_;
  std::map<std::string, Value> names_;
  std::string class_name_;  ///< of the innermost class around
};

}  // namespace

Code::Code(ast::Module its_tree, Module& globals)
    : tree(std::move(its_tree)),
      module(&globals),
      scopes(resolve_scopes(tree, globals)),
      constants(tree.node_count),
      caches(tree.node_count) {
  for (const auto& statement : tree.body)
    if (const auto* import = statement->as<ast::ImportFrom>(); import && import->module)
      for (const auto& alias : import->names)
        if (*import->module == "__future__" && alias.name == "annotations")
          has_text_annotations = true;
  ConstantCollector collector(constants);
  for (const auto& statement : tree.body) collector.collect(statement);
}

Value docstring(const Code& code, const std::vector<ast::StatementPtr>& body) {
  const auto* first = body.empty() ? nullptr : body.front()->as<ast::Expr>();
  if (!first || !first->value->as<ast::Constant>()) return Value::none();
  const Value& value = code.constants[first->value->id];
  return value.is(Kind::string) ? value : Value::none();
}

}  // namespace gradient_check::python

#include "gradient_check/python/runtime/code.h"

#include "gradient_check/python/runtime/constant_value.h"
#include "gradient_check/python/syntax/children.h"

namespace gradient_check::python {
namespace {

/// Literals and names made into values once.
class ConstantCollector {
 public:
  explicit ConstantCollector(std::vector<Value>& constants) : constants_(constants) {}

  void operator()(const ast::ExpressionPtr& node) {
    if (const auto* constant = node->as<ast::Constant>())
      constants_[node->id] = constant_value(*constant);
    else if (const auto* attribute = node->as<ast::Attribute>())
      constants_[node->id] = interned(attribute->attr);
    else if (const auto* name = node->as<ast::Name>())
      constants_[node->id] = interned(name->id);
    else if (const auto* call = node->as<ast::Call>())
      for (const auto& keyword : call->keywords)
        if (keyword.arg) constants_[keyword.id] = interned(*keyword.arg);
  }
  template <typename Other>
  void operator()(const Other&) {}

 private:
  Value interned(const std::string& text) {
    Value& known = names_[text];
    if (!known.is_set()) known = Value::string(text);
    return known;
  }
  std::vector<Value>& constants_;
  std::map<std::string, Value> names_;
};

}  // namespace

Code::Code(ast::Module its_tree, Module& globals)
    : tree(std::move(its_tree)),
      module(&globals),
      scopes(resolve_scopes(tree, globals)),
      constants(tree.node_count),
      caches(tree.node_count) {
  ConstantCollector collect(constants);
  for (const auto& statement : tree.body) ast::for_each_node(statement, collect);
}

}  // namespace gradient_check::python

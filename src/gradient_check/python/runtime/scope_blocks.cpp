#include "gradient_check/python/runtime/scope_blocks.h"

#include <utility>

#include "gradient_check/python/runtime/private_name.h"
#include "gradient_check/python/syntax/children.h"
#include "gradient_check/python/syntax/syntax_error.h"

namespace gradient_check::python {
namespace {

class BlockCollector {
 public:
  BlockCollector(const ast::Module& module, ScopeTable& table) : module_(module), table_(table) {}

  std::unique_ptr<Block> run() {
    auto block = std::make_unique<Block>();
    block->scope = &new_scope(Scope::Owner::module, "<module>");
    block->scope->body = &module_.body;
    table_.module = block->scope;
    block_ = block.get();
    visit(module_.body);
    return block;
  }

 private:
  Scope& new_scope(Scope::Owner owner, std::string name) {
    Scope& scope = *table_.scopes.emplace_back(std::make_unique<Scope>());
    scope.owner = owner;
    scope.name = std::move(name);
    scope.qualified_name = scope.name;
    if (block_ && block_->scope->owner != Scope::Owner::module)
      scope.qualified_name = block_->scope->qualified_name +
                             (block_->scope->owner == Scope::Owner::klass ? "." : ".<locals>.") +
                             scope.name;
    return scope;
  }

  /// Visits in a block of its own.
  template <typename Visit>
  void within(Block::Kind kind, Scope& scope, ast::NodeId node, const Visit& visit_inside) {
    Block& outer = *block_;
    block_ = outer.children.emplace_back(std::make_unique<Block>()).get();
    block_->kind = kind;
    block_->parent = &outer;
    block_->scope = &scope;
    block_->node = node;
    if (kind != Block::Kind::comprehension) table_.of_node.at(node) = &scope;
    visit_inside();
    block_ = &outer;
  }

  std::string real(const std::string& name) const { return private_name(class_name_, name); }

  void use(ast::NodeId id, const std::string& name) {
    block_->uses.push_back({id, real(name)});
    const bool in_function =
        block_->kind != Block::Kind::klass && block_->kind != Block::Kind::module;
    if (name == "super" && in_function) block_->uses.push_back({ast::no_id, "__class__"});
  }
  void bind(ast::NodeId id, const std::string& name) {
    block_->symbols[real(name)].is_bound = true;
    block_->uses.push_back({id, real(name)});
  }

  void visit(const std::vector<ast::StatementPtr>& statements) {
    for (const auto& statement : statements) visit(statement);
  }
  void visit(const ast::ExpressionPtr& expression) {
    if (!expression) return;
    const ast::Expression& node = *expression;
    if (const auto* name = node.as<ast::Name>()) return use(node.id, name->id);
    if (const auto* form = node.as<ast::Lambda>()) return visit_lambda(node, *form);
    if (const auto* form = node.as<ast::NamedExpr>()) return visit_named(*form);
    if (const auto* form = node.as<ast::ListComp>())
      return visit_comprehension(node, form->generators, {&form->elt});
    if (const auto* form = node.as<ast::SetComp>())
      return visit_comprehension(node, form->generators, {&form->elt});
    if (const auto* form = node.as<ast::DictComp>())
      return visit_comprehension(node, form->generators, {&form->key, &form->value});
    if (const auto* form = node.as<ast::GeneratorExp>()) return visit_generator(node, *form);
    if (node.as<ast::Yield>() || node.as<ast::YieldFrom>()) block_->scope->is_generator = true;
    ast::for_each_child(node, [&](const auto& child) { visit_child(child); });
  }
  void visit_child(const ast::ExpressionPtr& child) { visit(child); }
  void visit_child(const ast::StatementPtr& child) { visit(child); }
  void visit_child(const ast::PatternPtr& pattern) {
    if (const auto* as = pattern->as<ast::MatchAs>(); as && as->name) bind(pattern->id, *as->name);
    if (const auto* star = pattern->as<ast::MatchStar>(); star && star->name)
      bind(pattern->id, *star->name);
    if (const auto* mapping = pattern->as<ast::MatchMapping>(); mapping && mapping->rest)
      bind(pattern->id, *mapping->rest);
    ast::for_each_child(*pattern, [&](const auto& child) { visit_child(child); });
  }

  void visit_lambda(const ast::Expression& node, const ast::Lambda& lambda) {
    Scope& scope = new_scope(Scope::Owner::function, "<lambda>");
    scope.parameters = &lambda.parameters;
    scope.expression = lambda.body.get();
    visit_function(node.id, scope, [&] { visit(lambda.body); });
  }

  template <typename Visit>
  void visit_function(ast::NodeId id, Scope& scope, const Visit& visit_body) {
    for (const auto& parameter : *scope.parameters) visit(parameter.default_value);
    scope.is_method = block_->kind == Block::Kind::klass;
    within(Block::Kind::function, scope, id, [&] {
      for (const auto& parameter : *scope.parameters) {
        bind(parameter.id, parameter.name);
        block_->symbols[real(parameter.name)].slot =
            static_cast<std::uint32_t>(scope.variables.size());
        scope.variables.push_back(parameter.name);
      }
      visit_body();
    });
  }

  /// x := … binds in the innermost block that is no comprehension.
  void visit_named(const ast::NamedExpr& named) {
    visit(named.value);
    Block* target = block_;
    while (target->kind == Block::Kind::comprehension && target->parent) target = target->parent;
    const std::string name = real(named.target->as<ast::Name>()->id);
    target->symbols[name].is_bound = true;
    target->uses.push_back({named.target->id, name});
  }

  void visit_generators(const std::vector<ast::Comprehension>& generators) {
    for (std::size_t i = 0; i < generators.size(); ++i) {
      if (i != 0) visit(generators[i].iter);
      bind_target(generators[i].target);
      for (const auto& condition : generators[i].ifs) visit(condition);
    }
  }

  void visit_comprehension(const ast::Expression& node,
                           const std::vector<ast::Comprehension>& generators,
                           std::initializer_list<const ast::ExpressionPtr*> elements) {
    visit(generators.front().iter);
    within(Block::Kind::comprehension, *block_->scope, node.id, [&] {
      visit_generators(generators);
      for (const auto* element : elements) visit(*element);
    });
  }

  /// A function whose only parameter is the first iterable.
  void visit_generator(const ast::Expression& node, const ast::GeneratorExp& generator) {
    visit(generator.generators.front().iter);
    Scope& scope = new_scope(Scope::Owner::function, "<genexpr>");
    scope.expression = &node;
    scope.is_generator = true;
    scope.variables.push_back(".0");
    within(Block::Kind::function, scope, node.id, [&] {
      visit_generators(generator.generators);
      visit(generator.elt);
    });
  }

  void bind_target(const ast::ExpressionPtr& target) {
    if (const auto* name = target->as<ast::Name>()) return bind(target->id, name->id);
    if (const auto* starred = target->as<ast::Starred>()) return bind_target(starred->value);
    if (const auto* tuple = target->as<ast::Tuple>())
      for (const auto& element : tuple->elts) bind_target(element);
    else if (const auto* list = target->as<ast::List>())
      for (const auto& element : list->elts) bind_target(element);
    else
      visit(target);
  }

  void visit(const ast::StatementPtr& statement) {
    std::visit([&](const auto& form) { visit_form(*statement, form); }, statement->form);
  }
  template <typename Form>
  void visit_form(const ast::Statement&, const Form& form) {
    ast::for_each_child(form, [&](const auto& child) { visit_child(child); });
  }
  void visit_form(const ast::Statement&, const ast::Assign& form) {
    visit(form.value);
    for (const auto& target : form.targets) bind_target(target);
  }
  void visit_form(const ast::Statement&, const ast::AugAssign& form) {
    visit(form.value);
    bind_target(form.target);
  }
  void visit_form(const ast::Statement&, const ast::AnnAssign& form) {
    if (block_->kind == Block::Kind::klass) visit(form.annotation);
    visit(form.value);
    bind_target(form.target);
  }
  void visit_form(const ast::Statement&, const ast::For& form) {
    visit(form.iter);
    bind_target(form.target);
    visit(form.body);
    visit(form.orelse);
  }
  void visit_form(const ast::Statement&, const ast::With& form) {
    for (const auto& item : form.items) {
      visit(item.context_expr);
      if (item.optional_vars) bind_target(item.optional_vars);
    }
    visit(form.body);
  }
  void visit_form(const ast::Statement&, const ast::Delete& form) {
    for (const auto& target : form.targets) bind_target(target);
  }
  void visit_form(const ast::Statement&, const ast::Try& form) {
    visit(form.body);
    for (const auto& handler : form.handlers) {
      visit(handler.type);
      if (handler.name) bind(handler.id, *handler.name);
      visit(handler.body);
    }
    visit(form.orelse);
    visit(form.finalbody);
  }
  void visit_form(const ast::Statement& node, const ast::FunctionDef& form) {
    for (const auto& decorator : form.decorator_list) visit(decorator);
    Scope& scope = new_scope(Scope::Owner::function, form.name);
    scope.parameters = &form.parameters;
    scope.body = &form.body;
    visit_function(node.id, scope, [&] { visit(form.body); });
    bind(node.id, form.name);
  }
  void visit_form(const ast::Statement& node, const ast::ClassDef& form) {
    for (const auto& decorator : form.decorator_list) visit(decorator);
    for (const auto& base : form.bases) visit(base);
    for (const auto& keyword : form.keywords) visit(keyword.value);
    Scope& scope = new_scope(Scope::Owner::klass, form.name);
    scope.body = &form.body;
    within(Block::Kind::klass, scope, node.id, [&] {
      block_->symbols["__class__"] = {true, false, false, 0};
      scope.class_cell = 0;
      scope.variables.push_back("__class__");
      const std::string outer = std::exchange(class_name_, form.name);
      visit(form.body);
      class_name_ = outer;
    });
    bind(node.id, form.name);
  }
  void visit_form(const ast::Statement&, const ast::Import& form) {
    for (const auto& alias : form.names)
      bind(alias.id, alias.asname ? *alias.asname : alias.name.substr(0, alias.name.find('.')));
  }
  void visit_form(const ast::Statement&, const ast::ImportFrom& form) {
    for (const auto& alias : form.names)
      if (alias.name != "*") bind(alias.id, alias.asname ? *alias.asname : alias.name);
  }
  void visit_form(const ast::Statement&, const ast::Global& form) {
    for (const auto& name : form.names) block_->symbols[real(name)].is_global = true;
  }
  void visit_form(const ast::Statement& node, const ast::Nonlocal& form) {
    if (block_->kind == Block::Kind::module)
      throw SyntaxError(node.span, "nonlocal declaration not allowed at module level", "",
                        module_.source->describe(node.span.begin));
    for (const auto& name : form.names) {
      block_->symbols[real(name)].is_nonlocal = true;
      block_->uses.push_back({ast::no_id, real(name)});
    }
  }

  const ast::Module& module_;
  ScopeTable& table_;
  Block* block_ = nullptr;
  std::string class_name_;  ///< of the innermost class around
};

}  // namespace

std::unique_ptr<Block> collect_blocks(const ast::Module& module, ScopeTable& table) {
  return BlockCollector(module, table).run();
}

}  // namespace gradient_check::python

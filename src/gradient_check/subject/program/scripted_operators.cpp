#include "gradient_check/subject/program/scripted_operators.h"

#include <deque>
#include <map>
#include <memory>
#include <vector>

namespace gradient_check {
namespace {

namespace jit = torch::jit;

std::size_t begin_without_parentheses(const Expr& expression) {
  const Expr* at = &expression;
  while (!at->children.empty() &&
         (at->is(ExprKind::paren) || at->is(ExprKind::binary) || at->is(ExprKind::call) ||
          at->is(ExprKind::attribute) || at->is(ExprKind::subscript)))
    at = &at->children[0];
  return at->span.begin;
}

/// In the order of their evaluation.
void collect_binary(const Expr& expression, std::vector<const Expr*>& found) {
  for (const Expr& child : expression.children) collect_binary(child, found);
  if (expression.is(ExprKind::binary)) found.push_back(&expression);
}

void collect_binary(const std::vector<Statement>& body, std::vector<const Expr*>& found) {
  for (const Statement& statement : body) {
    collect_binary(statement.value, found);
    for (const Expr& target : statement.targets) collect_binary(target, found);
    collect_binary(statement.body, found);
    collect_binary(statement.otherwise, found);
  }
}

void collect_nodes(jit::Block* block, std::vector<jit::Node*>& nodes) {
  for (jit::Node* node : block->nodes()) {
    nodes.push_back(node);
    for (jit::Block* inner : node->blocks()) collect_nodes(inner, nodes);
  }
}

bool is_placed(const jit::Node& node, const std::string& label) {
  const auto position = node.sourceRange().file_line_col();
  return position && std::get<0>(*position) == label;
}

/// The nodes of one scripted operator, with its sign in the program.
struct Scripted {
  std::string sign;
  std::vector<jit::Node*> nodes;
};

std::vector<Scripted> scripted_operators(const std::vector<jit::Node*>& nodes,
                                         const std::string& label) {
  static const std::map<std::string, std::string> first{
      {"aten::reciprocal", "/"}, {"aten::neg", "-"}, {"aten::mul", "*"}, {"aten::add", "+"}};
  std::vector<Scripted> found;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (is_placed(*nodes[i], label)) continue;
    const auto sign = first.find(nodes[i]->kind().toQualString());
    if (sign == first.end()) continue;
    Scripted scripted{sign->second, {nodes[i]}};
    const bool of_two = scripted.sign == "/" || scripted.sign == "-";
    for (std::size_t k = i + 1; of_two && k < nodes.size() && k < i + 4; ++k)
      if (!is_placed(*nodes[k], label) && !nodes[k]->inputs().empty() &&
          nodes[k]->inputs()[0]->node() == nodes[i]) {
        scripted.nodes.push_back(nodes[k]);
        i = k;
        break;
      }
    found.push_back(std::move(scripted));
  }
  return found;
}

/// Whether a node that knows its place is that expression.
bool has_node(const Expr& expression, const std::vector<jit::Node*>& nodes,
              const std::string& label) {
  const std::size_t begin = begin_without_parentheses(expression);
  for (const jit::Node* node : nodes) {
    const jit::SourceRange range = node->sourceRange();
    if (range.start() == begin && range.end() > expression.op.begin &&
        range.end() <= expression.span.end && is_placed(*node, label))
      return true;
  }
  return false;
}

}  // namespace

void place_scripted_operators(jit::Graph& graph, const FunctionSyntax& syntax,
                              const std::string& text, const std::string& label) {
  std::vector<jit::Node*> nodes;
  collect_nodes(graph.block(), nodes);
  const std::vector<Scripted> operators = scripted_operators(nodes, label);
  if (operators.empty()) return;
  std::vector<const Expr*> expressions;
  collect_binary(syntax.body, expressions);
  std::map<std::string, std::deque<const Expr*>> unplaced;  // by sign
  for (const Expr* expression : expressions)
    if (!has_node(*expression, nodes, label)) unplaced[expression->text].push_back(expression);
  const auto source = std::make_shared<jit::Source>(text, label, 1);
  for (const Scripted& scripted : operators) {
    auto& candidates = unplaced[scripted.sign];
    if (candidates.empty()) continue;
    const Expr& expression = *candidates.front();
    candidates.pop_front();
    for (jit::Node* node : scripted.nodes)
      node->setSourceRange(
          jit::SourceRange(source, begin_without_parentheses(expression), expression.span.end));
  }
}

}  // namespace gradient_check

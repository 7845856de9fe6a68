#include "gradient_check/python/runtime/match_statement.h"

#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/evaluate.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/operators.h"
#include "gradient_check/python/runtime/sequence.h"

namespace gradient_check::python {
namespace {

/// One function a form of pattern. Names are bound as the pattern goes: as in Python they stay
/// bound where a later part fails.
class PatternMatcher {
 public:
  PatternMatcher(Frame& frame, const ast::Pattern& node, const Value& subject)
      : frame_(frame), node_(node), subject_(subject) {}

  bool operator()(const ast::MatchValue& form) const {
    const Value value = evaluate(frame_, *form.value);
    return equal(frame_.interpreter, subject_, value);
  }
  bool operator()(const ast::MatchSingleton& form) const {
    return form.value ? subject_.same(Value::boolean(*form.value)) : subject_.is_none();
  }
  bool operator()(const ast::MatchStar&) const { return true; }
  bool operator()(const ast::MatchAs& form) const {
    if (form.pattern && !matches(*form.pattern, subject_)) return false;
    if (form.name) store_name(frame_, node_.id, *form.name, subject_);
    return true;
  }
  bool operator()(const ast::MatchOr& form) const {
    for (const auto& pattern : form.patterns)
      if (matches(*pattern, subject_)) return true;
    return false;
  }

  bool operator()(const ast::MatchSequence& form) const {
    const bool is_list = subject_.is(Kind::list);
    if (!is_list && !subject_.is(Kind::tuple)) return false;
    const std::vector<Value> elements =
        is_list ? subject_.as<List>().elements : subject_.as<Tuple>().elements;
    std::size_t star = 0;
    while (star < form.patterns.size() && !form.patterns[star]->as<ast::MatchStar>()) ++star;
    const bool has_star = star < form.patterns.size();
    const std::size_t fixed = form.patterns.size() - has_star;
    if (has_star ? elements.size() < fixed : elements.size() != fixed) return false;
    const std::size_t starred = elements.size() - fixed;
    for (std::size_t i = 0; i < form.patterns.size(); ++i) {
      if (has_star && i == star) {
        bind_star(*form.patterns[i], elements, star, starred);
        continue;
      }
      const std::size_t at = has_star && i > star ? i + starred - 1 : i;
      if (!matches(*form.patterns[i], elements[at])) return false;
    }
    return true;
  }

  bool operator()(const ast::MatchMapping& form) const {
    Dict* dict = subject_.get_if<Dict>();
    if (!dict || dict->table.size() < form.items.size()) return false;
    auto rest = make<Dict>(frame_.interpreter.heap);
    if (form.rest) rest->table = dict->table;
    for (const auto& item : form.items) {
      const Value key = evaluate(frame_, *item.key);
      const Value* found = find_item(frame_.interpreter, *dict, key);
      if (!found || !matches(*item.pattern, Value(*found))) return false;
      if (form.rest) remove_item(frame_.interpreter, *rest, key);
    }
    if (form.rest) store_name(frame_, node_.id, *form.rest, rest);
    return true;
  }

  bool operator()(const ast::MatchClass& form) const {
    Interpreter& interpreter = frame_.interpreter;
    const Value type = evaluate(frame_, *form.cls);
    const Class* wanted = type.get_if<Class>();
    if (!wanted) type_error("called match pattern must be a class");
    if (!interpreter.class_of(subject_)->derives_from(*wanted)) return false;
    if (!form.patterns.empty() && !match_positions(form, *wanted)) return false;
    for (const auto& keyword : form.keywords) {
      const Value attribute = found_attribute(Text(keyword.attr));
      if (!attribute.is_set() || !matches(*keyword.pattern, attribute)) return false;
    }
    return true;
  }

 private:
  bool matches(const ast::Pattern& pattern, const Value& subject) const {
    return std::visit(PatternMatcher(frame_, pattern, subject), pattern.form);
  }

  void bind_star(const ast::Pattern& pattern, const std::vector<Value>& elements, std::size_t from,
                 std::size_t count) const {
    const auto& name = pattern.as<ast::MatchStar>()->name;
    if (!name) return;
    const auto begin = elements.begin() + static_cast<std::ptrdiff_t>(from);
    const auto end = begin + static_cast<std::ptrdiff_t>(count);
    store_name(frame_, pattern.id, *name,
               make<List>(frame_.interpreter.heap, std::vector<Value>(begin, end)));
  }

  Value found_attribute(const Text& name) const {
    try {
      return find_attribute(frame_.interpreter, subject_, name);
    } catch (const Raised& raised) {
      if (raised.kind != ErrorKind::AttributeError) throw;
      return {};
    }
  }

  /// C(a, b): by __match_args__; the one argument of a built-in type is the value itself.
  bool match_positions(const ast::MatchClass& form, const Class& type) const {
    const Value* names = type.find(Text("__match_args__"));
    const bool takes_itself = !names && type.instances && type.construct;
    const Tuple* tuple = names ? names->get_if<Tuple>() : nullptr;
    if (names && !tuple)
      type_error("{}.__match_args__ must be a tuple (got {})", type.name, type_name(*names));
    const std::size_t most = takes_itself ? 1 : tuple ? tuple->elements.size() : 0;
    if (form.patterns.size() > most)
      type_error("{}() accepts {} positional sub-pattern{} ({} given)", type.name, most,
                 most == 1 ? "" : "s", form.patterns.size());
    if (takes_itself) return matches(*form.patterns[0], subject_);
    for (std::size_t i = 0; i < form.patterns.size(); ++i) {
      const Text* name = tuple->elements[i].get_if<Text>();
      if (!name)
        type_error("__match_args__ elements must be strings (got {})",
                   type_name(tuple->elements[i]));
      const Value attribute = found_attribute(*name);
      if (!attribute.is_set() || !matches(*form.patterns[i], attribute)) return false;
    }
    return true;
  }

  Frame& frame_;
  const ast::Pattern& node_;
  const Value& subject_;
};

}  // namespace

const std::vector<ast::StatementPtr>* find_case(Frame& frame, const ast::Match& statement,
                                                const Value& subject) {
  for (const auto& one : statement.cases) {
    frame.at = one.pattern.get();
    if (!std::visit(PatternMatcher(frame, *one.pattern, subject), one.pattern->form)) continue;
    if (!one.guard || truth(frame.interpreter, evaluate(frame, *one.guard))) return &one.body;
  }
  return nullptr;
}

Flow execute_match(Frame& frame, const ast::Match& statement, Value& result) {
  const Value subject = evaluate(frame, *statement.subject);
  const auto* body = find_case(frame, statement, subject);
  return body ? execute(frame, *body, result) : Flow::next;
}

}  // namespace gradient_check::python

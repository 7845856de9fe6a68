#include "gradient_check/subject/program/training_loop/update_reader.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/derived.h"
#include "gradient_check/python/runtime/evaluate.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;
using python::Value;

bool adds(ast::BinaryOperator op) {
  return op == ast::BinaryOperator::Add || op == ast::BinaryOperator::Sub;
}

/// x[:], x[...]
bool is_whole(const ast::Expression& target) {
  const auto* subscript = target.as<ast::Subscript>();
  if (!subscript) return false;
  if (const auto* slice = subscript->slice->as<ast::Slice>())
    return !slice->lower && !slice->upper && !slice->step;
  const auto* constant = subscript->slice->as<ast::Constant>();
  return constant && std::holds_alternative<ast::EllipsisConstant>(constant->value);
}

bool is_data(const ast::Expression& target) {
  const auto* attribute = target.as<ast::Attribute>();
  return attribute && attribute->attr == "data";
}

const ast::Keyword* keyword(const ast::Call& call, const char* name) {
  for (const ast::Keyword& each : call.keywords)
    if (each.arg == name) return &each;
  return nullptr;
}

}  // namespace

UpdateReader::UpdateReader(const LoopIndex::Loop& loop, const GivenValues& given,
                           const ast::Module& tree, const LoopIndex& index,
                           const std::vector<Location>& locations, const TurnKnowledge& knowledge)
    : LoopObserver(&loop, given),
      tree_(tree),
      index_(index),
      locations_(locations),
      knowledge_(knowledge),
      log_(tree) {
  for (std::size_t i = 0; i < locations.size(); ++i) {
    if (const void* id = identity(locations[i].value)) by_identity_.emplace(id, i);
    if (!locations[i].in_memory()) continue;
    const at::Tensor tensor = tensor_in(locations[i].value);
    if (tensor.has_storage()) by_storage_[tensor.storage().unsafeGetStorageImpl()].push_back(i);
  }
}

UpdateGradient UpdateReader::gradient() const {
  const auto is_state = [this](const ast::Expression& expression, const Value& value) {
    std::optional<std::size_t> location;
    if (const void* id = identity(value)) {
      if (const auto buffer = buffers_.find(id); buffer != buffers_.end() && buffer->second.scaled)
        return true;
      if (log_.was_overwritten(value)) return true;
      if (const auto found = by_identity_.find(id); found != by_identity_.end())
        location = found->second;
    } else if (const auto* name = expression.as<ast::Name>()) {
      for (std::size_t i = 0; i < locations_.size() && !location; ++i)
        if (locations_[i].name == name->id && !locations_[i].in_memory() &&
            locations_[i].value.same(value))
          location = i;
    }
    if (!location || *location >= knowledge_.replaced.size()) return false;
    return knowledge_.replaced[*location] && !knowledge_.is_parameter[*location];
  };
  return {log_, buffers_, is_state, before_clipping_};
}

std::optional<std::size_t> UpdateReader::location_at(const at::Tensor& tensor) const {
  if (!tensor.defined() || !tensor.has_storage()) return std::nullopt;
  const auto found = by_storage_.find(tensor.storage().unsafeGetStorageImpl());
  if (found == by_storage_.end()) return std::nullopt;
  for (const std::size_t i : found->second)
    if (same_elements(tensor_in(locations_[i].value), tensor)) return i;
  return std::nullopt;
}

std::optional<std::size_t> UpdateReader::location_of_target(python::Frame& frame,
                                                            const ast::Expression& target) const {
  const void* holder = nullptr;
  std::string key;
  if (const auto* name = target.as<ast::Name>()) {
    key = name->id;
    const auto& own = frame.scope.variables;
    const bool local = frame.scope.owner == python::Scope::Owner::function &&
                       std::find(own.begin(), own.end(), key) != own.end();
    holder = local ? static_cast<const void*>(&frame.scope)
                   : static_cast<const void*>(frame.code.module.get());
  } else if (const auto* attribute = target.as<ast::Attribute>()) {
    holder = python::attributes_of(log_.latest(*attribute->value));
    key = "\"" + attribute->attr + "\"";
  } else if (const auto* subscript = target.as<ast::Subscript>()) {
    const Value& container = log_.latest(*subscript->value);
    const Value& index = log_.latest(*subscript->slice);
    if (container.is_object()) holder = container.as_object();
    if (index.is_integral()) key = std::to_string(index.as_integer());
    if (index.is(python::Kind::string)) key = "\"" + python::text_of(index) + "\"";
  }
  if (!holder) return std::nullopt;
  for (std::size_t i = 0; i < locations_.size(); ++i)
    if (locations_[i].holder == holder && locations_[i].key == key) return i;
  return std::nullopt;
}

bool UpdateReader::statement(python::Frame& frame, const ast::Statement& next) {
  if (const auto* augmented = next.as<ast::AugAssign>();
      augmented && frame.code.tree.source == tree_.source) {
    // What an operation in place changes is told apart by its memory, which is there before it.
    const auto* name = augmented->target->as<ast::Name>();
    if (!name) old_[next.id] = python::evaluate(frame, *augmented->target);
  }
  return LoopObserver::statement(frame, next);
}

void UpdateReader::evaluated(python::Frame& frame, const ast::Expression& expression,
                             Value& value) {
  LoopObserver::evaluated(frame, expression, value);
  log_.note(frame, expression, value);
  if (frame.code.tree.source != tree_.source) return;
  if (site_ && site_->node == expression.id) take_loss(value);
  if (const auto* binary = expression.as<ast::BinOp>()) {
    if (adds(binary->op)) sum(expression, value);
  } else if (expression.as<ast::Call>()) {
    method(expression);
  }
}

void UpdateReader::sum(const ast::Expression& expression, const Value& value) {
  const at::Tensor made = tensor_in(value);
  if (!made.defined() || !identity(value) || !is_watched(expression.id)) return;
  std::vector<Term> terms = terms_of(expression);
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (terms[i].sign < 0) continue;
    const at::Tensor term = tensor_in(log_.latest(*terms[i].expression));
    const auto location = location_at(term);
    if (!location || term.sizes() != made.sizes()) continue;
    if (found_.count(*location)) return;
    terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(i));
    add_sum(*location, expression, value, gradient().of(terms));
    return;
  }
}

void UpdateReader::add_sum(std::size_t location, const ast::Expression& node, const Value& value,
                           MovedAlong moved) {
  if (!moved.value.defined() || !is_watched(node.id)) return;
  moved.value = moved.value.detach().clone();
  const ReadUpdate update{location, &node, node.span, std::move(moved)};
  sums_[identity(value)] = update;
  if (!nodes_.empty()) take(location, update);
}

void UpdateReader::add(std::size_t location, const ast::Expression& node, python::Span span,
                       const std::vector<Term>& terms) {
  if (found_.count(location) || rebound_.count(location) || !is_watched(node.id)) return;
  MovedAlong moved = gradient().of(terms);
  if (!moved.value.defined()) return;
  moved.value = moved.value.detach().clone();
  take(location, ReadUpdate{location, &node, span, moved});
}

void UpdateReader::take(std::size_t location, ReadUpdate update) {
  if (!found_.emplace(location, std::move(update)).second) return;
  order_.push_back(location);
  awaited_.erase(location);
  if (!nodes_.empty() && awaited_.empty() && held_.empty()) throw AllRead{};
}

void UpdateReader::put_back(std::size_t location) const {
  const auto held = held_.find(location);
  if (held == held_.end()) return;
  const at::NoGradGuard no_grad;
  tensor_in(locations_[location].value).variable_data().copy_(held->second);
}

python::Span UpdateReader::added_at(const Value& buffer) const {
  const auto found = added_at_.find(identity(buffer));
  return found == added_at_.end() ? python::Span() : found->second;
}

void UpdateReader::take_loss(const Value& value) {
  if (!order_.empty() || loss_times_++ >= site_->times) return;
  const at::Tensor number = floating_tensor(value);
  if (number.defined() && number.numel() == 1) loss_ = number.detach().clone().reshape({});
}

void UpdateReader::restrict_to(std::set<ast::NodeId> nodes, std::set<std::size_t> locations) {
  nodes_ = std::move(nodes);
  awaited_ = std::move(locations);
}

void UpdateReader::buffer_added(const Value& buffer, const std::vector<Term>& terms) {
  const void* id = identity(buffer);
  if (!id) return;
  auto& entry = buffers_[id];
  if (!entry.scaled) return;
  MovedAlong moved = gradient().of(terms, true);
  if (!moved.value.defined()) return;
  moved.value = moved.value.clone();
  entry.added = moved;
}

void UpdateReader::assigned(python::Frame& frame, const ast::Expression& target, Value& value) {
  if (site_ && site_->node == target.id) take_loss(value);
  const ast::Statement* statement = index_.assignment_to(target.id);
  if (!statement || frame.code.tree.source != tree_.source) return;
  if (const auto* augmented_by = statement->as<ast::AugAssign>())
    return augmented(frame, *augmented_by, statement->span, value);
  const auto* assign = statement->as<ast::Assign>();
  const auto* annotated = statement->as<ast::AnnAssign>();
  const ast::Expression* source = assign ? assign->value.get() : annotated->value.get();
  if (!source) return;
  // a, b = x, y
  if (assign && assign->targets.size() == 1)
    if (const auto* targets = assign->targets[0]->as<ast::Tuple>())
      if (const auto* values = source->as<ast::Tuple>();
          values && values->elts.size() == targets->elts.size())
        for (std::size_t i = 0; i < targets->elts.size(); ++i)
          if (targets->elts[i].get() == &target) source = values->elts[i].get();
  plain(frame, target, *source, statement->span, value);
}

void UpdateReader::augmented(python::Frame& frame, const ast::AugAssign& statement,
                             python::Span span, Value& value) {
  const ast::Expression& target = *statement.target;
  const ast::Statement* self = index_.assignment_to(target.id);
  const auto old = old_.find(self->id);
  const at::Tensor before = old == old_.end() ? tensor_in(value) : tensor_in(old->second);
  const std::vector<Term> terms{
      {statement.value.get(), statement.op == ast::BinaryOperator::Sub ? -1 : 1}};
  const auto* array = python::as_array(value);
  const bool number = value.is_number() || (array && array->is_scalar);
  if (statement.op == ast::BinaryOperator::Mult || statement.op == ast::BinaryOperator::Div) {
    if (const void* id = identity(value)) buffers_[id].scaled = true;
    return;
  }
  if (!adds(statement.op)) return;
  if (const void* id = identity(value); id && !number) added_at_[id] = span;
  if (!number) buffer_added(value, terms);
  auto location = number ? location_of_target(frame, target) : location_at(before);
  if (!location) return;
  add(*location, target, span, terms);
  if (!number)
    put_back(*location);
  else if (held_.count(*location))
    value = locations_[*location].value;
}

void UpdateReader::plain(python::Frame& frame, const ast::Expression& target,
                         const ast::Expression& source, python::Span span, Value& value) {
  if (const auto sum = sums_.find(identity(value)); identity(value) && sum != sums_.end())
    if (held_.count(sum->second.location)) {
      take(sum->second.location, sum->second);
      value = locations_[sum->second.location].value;
      return;
    }
  if (is_whole(target)) {
    const Value& whole = log_.latest(*target.as<ast::Subscript>()->value);
    // The container is evaluated after this: by its name it can be had now.
    const Value container =
        whole.is_set() ? whole : python::evaluate(frame, *target.as<ast::Subscript>()->value);
    if (const auto sum = sums_.find(identity(value)); sum != sums_.end()) {
      if (location_at(tensor_in(container)) == sum->second.location)
        take(sum->second.location, sum->second);
    } else {
      log_.note_overwritten(container, source);
    }
    return;
  }
  if (is_data(target)) {
    if (const auto sum = sums_.find(identity(value)); sum != sums_.end())
      take(sum->second.location, sum->second);
    return;
  }
  log_.note_assigned(frame, target, source);
  const auto* array = python::as_array(value);
  if (!value.is_number() && !(array && array->is_scalar)) return;
  const auto location = location_of_target(frame, target);
  if (!location) return;
  std::vector<Term> terms = terms_of(source);
  for (std::size_t i = 0; i < terms.size() && terms.size() > 1; ++i) {
    const ast::Expression& term = *terms[i].expression;
    if (terms[i].sign < 0 || tree_.source->text(term.span) != tree_.source->text(target.span))
      continue;
    terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(i));
    add(*location, target, span, terms);
    if (held_.count(*location)) value = locations_[*location].value;
    return;
  }
  rebound_.insert(*location);
}

void UpdateReader::called(python::Frame& frame, const ast::Expression& call, const Value& callee,
                          const python::Arguments& arguments) {
  LoopObserver::called(frame, call, callee, arguments);
  const auto* form = call.as<ast::Call>();
  if (!form || frame.code.tree.source != tree_.source) return;
  // np.clip(g, -5, 5, out=g), g.clamp_(-5, 5): what was there before is the gradient.
  const std::string name = called_name(call);
  Value clipped;
  if ((name == "clip" || name == "clamp") && keyword(*form, "out") && arguments.count > 0)
    clipped = arguments[0];
  if (name == "clip_" || name == "clamp_")
    if (const auto* attribute = form->func->as<ast::Attribute>())
      clipped = log_.latest(*attribute->value);
  const at::Tensor tensor = tensor_in(clipped);
  if (tensor.defined()) before_clipping_.try_emplace(identity(clipped), tensor.detach().clone());
}

void UpdateReader::method(const ast::Expression& expression) {
  const auto& call = *expression.as<ast::Call>();
  const std::string name = called_name(expression);
  const auto* attribute = call.func->as<ast::Attribute>();
  const auto operand = [&](std::size_t i) { return call.args.at(i).get(); };
  // torch.sub(w, lr * g), np.add(w, …): as w - lr * g
  if ((name == "sub" || name == "subtract" || name == "add") && call.args.size() == 2) {
    const at::Tensor first = tensor_in(log_.latest(*operand(0)));
    const auto location = location_at(first);
    if (location && !found_.count(*location)) {
      MovedAlong moved = gradient().of({{operand(1), name == "add" ? 1 : -1}});
      if (const ast::Keyword* alpha = keyword(call, "alpha"))
        if (const Value& number = log_.latest(*alpha->value); number.is_number())
          if (number.as_real() < 0) moved.sign = -moved.sign;
      add_sum(*location, expression, log_.latest(expression), moved);
      if (keyword(call, "out"))
        add(*location, expression, expression.span, {{operand(1), name == "add" ? 1 : -1}});
      return;
    }
  }
  if (!attribute || call.args.empty()) return;
  const Value& receiver = log_.latest(*attribute->value);
  const at::Tensor self = tensor_in(receiver);
  if (!self.defined()) return;
  if (name == "mul_" || name == "div_") {
    buffers_[identity(receiver)].scaled = true;
    return;
  }
  if (name == "copy_") {
    if (const auto made = sums_.find(identity(log_.latest(*operand(0)))); made != sums_.end())
      if (location_at(self) == made->second.location) take(made->second.location, made->second);
    return;
  }
  const bool subtracts =
      name == "sub_" || name == "subtract_" || (name == "sub" && call.args.size() == 1);
  const bool added = name == "add_" || (name == "add" && call.args.size() == 1);
  const bool divided = name == "addcdiv_";
  if (!subtracts && !added && !divided) return;
  int sign = subtracts ? -1 : 1;
  for (const char* factor : {"alpha", "value"})
    if (const ast::Keyword* alpha = keyword(call, factor))
      if (const Value& number = log_.latest(*alpha->value);
          number.is_number() && number.as_real() < 0)
        sign = -sign;
  // add_(-lr, g), as it once was
  const bool scaled_first = !divided && call.args.size() == 2;
  if (scaled_first)
    if (const Value& number = log_.latest(*operand(0)); number.is_number() && number.as_real() < 0)
      sign = -sign;
  const std::vector<Term> terms{{operand(scaled_first ? 1 : 0), sign}};
  if (name.back() != '_') {  // p.sub(lr * g)
    const auto location = location_at(self);
    if (!location || found_.count(*location)) return;
    MovedAlong moved = gradient().of(terms);
    add_sum(*location, expression, log_.latest(expression), moved);
    return;
  }
  buffer_added(receiver, terms);
  if (const auto location = location_at(self)) {
    add(*location, expression, expression.span, terms);
    put_back(*location);
  }
}

const ReadUpdate* UpdateReader::update_of(std::size_t location) const {
  const auto found = found_.find(location);
  if (found != found_.end()) return &found->second;
  for (const auto& [id, update] : sums_)
    if (update.location == location) return &update;
  return nullptr;
}

std::vector<ReadUpdate> UpdateReader::updates(const std::vector<Location>& after) const {
  std::vector<ReadUpdate> all;
  for (const std::size_t location : order_) all.push_back(found_.at(location));
  for (std::size_t i = 0; i < locations_.size(); ++i) {
    if (found_.count(i)) continue;
    for (const Location& now : after) {
      if (now.name != locations_[i].name || identity(now.value) == identity(locations_[i].value))
        continue;
      // w = np.array(w - lr * g), w = (w - lr * g).detach()
      Value value = now.value;
      for (int depth = 0; depth < 4 && identity(value); ++depth) {
        if (const auto sum = sums_.find(identity(value));
            sum != sums_.end() && sum->second.location == i) {
          all.push_back(sum->second);
          break;
        }
        const auto* maker = log_.first_maker(value);
        const auto* call = maker ? maker->as<ast::Call>() : nullptr;
        if (!call) break;
        const auto* attribute = call->func->as<ast::Attribute>();
        const Value& receiver = attribute ? log_.latest(*attribute->value) : Value();
        value = tensor_in(receiver).defined() ? receiver
                : call->args.empty()          ? Value()
                                              : log_.latest(*call->args[0]);
      }
    }
  }
  return all;
}

}  // namespace gradient_check

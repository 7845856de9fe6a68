#include "gradient_check/case/train_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gradient_check/case/suggest.h"

namespace gradient_check {
namespace {

constexpr std::int64_t most_training_steps = 100'000'000;

double number_between(const JsonCursor& cursor, std::string_view what, double low, double high) {
  const double value = cursor.as_number(what);
  if (!(value >= low && value <= high))
    cursor.fail(high < HUGE_VAL
                    ? fmt::format("{} lies between {} and {}, found {}", what, low, high, value)
                    : fmt::format("{} is at least {}, found {}", what, low, value));
  return value;
}

std::int64_t integer_of(const JsonCursor& cursor, std::string_view what, std::int64_t low,
                        std::int64_t high) {
  const std::int64_t value = cursor.as_integer(what);
  if (value < low || value > high)
    cursor.fail(fmt::format("{} lies between {} and {}, found {}", what, low, high, value));
  return value;
}

std::size_t choice_of(const JsonCursor& cursor, std::string_view what,
                      const std::vector<std::string>& names) {
  const std::string& name = cursor.as_string(what);
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    cursor.fail(fmt::format("unknown {} '{}'{}", what, name, suggest(name, names)));
  return static_cast<std::size_t>(found - names.begin());
}

void load_betas(const JsonCursor& betas, TrainOptions& options) {
  betas.expect_array("betas, two numbers");
  if (betas->items.size() != 2)
    betas.fail(fmt::format("betas are two numbers, found {}", betas->items.size()));
  options.beta1 = number_between(betas.item(0), "a beta", 0, 1);
  options.beta2 = number_between(betas.item(1), "a beta", 0, 1);
}

const std::vector<std::string> optimizer_keys{"momentum",     "dampening", "nesterov",
                                              "weight_decay", "betas",     "eps"};

/// One option of an optimizer, which may stand in `optimizer` or beside it.
void load_optimizer_option(const std::string& key, const JsonCursor& at, TrainOptions& options) {
  if (key == "momentum") options.momentum = number_between(at, "momentum", 0, HUGE_VAL);
  if (key == "dampening") options.dampening = number_between(at, "dampening", 0, HUGE_VAL);
  if (key == "nesterov") options.nesterov = at.as_boolean("nesterov, true or false");
  if (key == "weight_decay") options.weight_decay = number_between(at, "weight_decay", 0, HUGE_VAL);
  if (key == "eps") options.eps = number_between(at, "eps", 0, HUGE_VAL);
  if (key == "betas") load_betas(at, options);
}

void load_optimizer(const JsonCursor& optimizer, TrainOptions& options) {
  const auto choose = [&](const JsonCursor& name) {
    options.optimizer =
        static_cast<TrainOptions::Optimizer>(choice_of(name, "optimizer", optimizer_names()));
    if (options.optimizer == TrainOptions::Optimizer::adamw) options.weight_decay = 0.01;
  };
  if (optimizer->is_string()) return choose(optimizer);
  optimizer.expect_object("an optimizer, a name or an object with a \"type\"");
  std::vector<std::string> known = optimizer_keys;
  known.push_back("type");
  optimizer.expect_keys(known, "an optimizer");
  const JsonValue* type = optimizer->find("type");
  if (!type) optimizer.fail("an optimizer needs a \"type\": \"sgd\", \"adam\" or \"adamw\"");
  for (const JsonMember& member : optimizer->members)
    if (member.key == "type") choose(optimizer.member(member));
  for (const JsonMember& member : optimizer->members)
    load_optimizer_option(member.key, optimizer.member(member), options);
}

}  // namespace

const std::vector<std::string>& optimizer_names() {
  static const std::vector<std::string> names{"sgd", "adam", "adamw"};
  return names;
}

const std::vector<std::string>& training_gradient_names() {
  static const std::vector<std::string> names{"manual", "autograd"};
  return names;
}

TrainOptions load_train(const JsonCursor& train, std::uint64_t seed) {
  train.expect_object("train, an object with \"steps\"");
  std::vector<std::string> known{"steps",      "learning_rate", "gradient",    "optimizer",
                                 "batch_size", "shuffle",       "shuffle_seed"};
  known.insert(known.end(), optimizer_keys.begin(), optimizer_keys.end());
  train.expect_keys(known, "train");
  TrainOptions options;
  options.shuffle_seed = seed;
  for (const JsonMember& member : train->members)
    if (member.key == "optimizer") load_optimizer(train.member(member), options);
  for (const JsonMember& member : train->members) {
    const JsonCursor at = train.member(member);
    if (member.key == "steps") options.steps = integer_of(at, "steps", 1, most_training_steps);
    if (member.key == "learning_rate")
      options.learning_rate = number_between(at, "a learning rate", 0, HUGE_VAL);
    if (member.key == "gradient")
      options.gradient =
          static_cast<TrainOptions::Gradient>(choice_of(at, "gradient", training_gradient_names()));
    if (member.key == "batch_size")
      options.batch_size = integer_of(at, "a batch size", 1, most_training_steps);
    if (member.key == "shuffle") options.shuffle = at.as_boolean("shuffle, true or false");
    if (member.key == "shuffle_seed") {
      options.shuffle = true;
      options.shuffle_seed = static_cast<std::uint64_t>(integer_of(at, "a seed", 0, INT64_MAX));
    }
    load_optimizer_option(member.key, at, options);
  }
  if (options.steps == 0) train.fail("train needs \"steps\", how many updates to make");
  return options;
}

}  // namespace gradient_check

#include "gradient_check/case/options_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gradient_check/case/suggest.h"
#include "gradient_check/case/tensor_loader.h"

namespace gradient_check {
namespace {

void expect_range(const JsonCursor& cursor, const OptionSpec& spec, double value) {
  if (spec.minimum && !(value >= *spec.minimum))
    cursor.fail(fmt::format("'{}' must be at least {}, found {}", spec.name, *spec.minimum, value));
  if (spec.maximum && !(value <= *spec.maximum))
    cursor.fail(fmt::format("'{}' must be at most {}, found {}", spec.name, *spec.maximum, value));
}

std::int64_t read_integer(const JsonCursor& cursor, const OptionSpec& spec) {
  const std::int64_t value = cursor.as_integer(fmt::format("'{}', an integer", spec.name));
  expect_range(cursor, spec, static_cast<double>(value));
  return value;
}

std::vector<std::int64_t> read_sizes(const JsonCursor& cursor, const OptionSpec& spec) {
  const std::size_t dimensions = spec.dimensions;
  if (!cursor->is_array())
    return std::vector<std::int64_t>(std::max<std::size_t>(dimensions, 1),
                                     read_integer(cursor, spec));
  if (dimensions != 0 && cursor->items.size() != dimensions)
    cursor.fail(fmt::format("'{}' must be an integer or a list of {}, found {}", spec.name,
                            dimensions, cursor->describe()));
  std::vector<std::int64_t> sizes;
  for (std::size_t i = 0; i < cursor->items.size(); ++i)
    sizes.push_back(read_integer(cursor.item(i), spec));
  return sizes;
}

Options::Value read_value(const JsonCursor& cursor, const OptionSpec& spec, at::ScalarType dtype) {
  switch (spec.kind) {
    case OptionSpec::Kind::boolean:
      return cursor.as_boolean(fmt::format("'{}', true or false", spec.name));
    case OptionSpec::Kind::integer:
      return read_integer(cursor, spec);
    case OptionSpec::Kind::number: {
      const double value = cursor.as_number(fmt::format("'{}', a number", spec.name));
      expect_range(cursor, spec, value);
      return value;
    }
    case OptionSpec::Kind::sizes:
      return read_sizes(cursor, spec);
    case OptionSpec::Kind::tensor:
      return load_tensor(cursor, dtype);
    case OptionSpec::Kind::choice:
      break;
  }
  const std::string& name =
      cursor.as_string(fmt::format("'{}', one of {}", spec.name, fmt::join(spec.choices, ", ")));
  if (std::find(spec.choices.begin(), spec.choices.end(), name) == spec.choices.end())
    cursor.fail(fmt::format("unknown {} '{}'{}", spec.name, name, suggest(name, spec.choices)));
  return name;
}

std::optional<Options::Value> fallback_value(const OptionSpec& spec) {
  if (spec.kind == OptionSpec::Kind::tensor) return at::Tensor();
  if (std::holds_alternative<std::monostate>(spec.fallback)) return std::nullopt;
  switch (spec.kind) {
    case OptionSpec::Kind::boolean:
      return std::get<bool>(spec.fallback);
    case OptionSpec::Kind::integer:
      return std::get<std::int64_t>(spec.fallback);
    case OptionSpec::Kind::number:
      return std::get<double>(spec.fallback);
    case OptionSpec::Kind::choice:
      return std::get<std::string>(spec.fallback);
    case OptionSpec::Kind::tensor:
    case OptionSpec::Kind::sizes:
      break;
  }
  const std::int64_t value = std::get<std::int64_t>(spec.fallback);
  if (value < 0) return std::vector<std::int64_t>{};
  return std::vector<std::int64_t>(std::max<std::size_t>(spec.dimensions, 1), value);
}

}  // namespace

Options read_options(const JsonCursor& cursor, const std::vector<OptionSpec>& specs,
                     const std::string& what, at::ScalarType dtype) {
  std::vector<std::string> known{"type"};
  for (const OptionSpec& spec : specs) known.push_back(spec.name);
  if (cursor->is_object()) cursor.expect_keys(known, what);

  Options options;
  for (const OptionSpec& spec : specs) {
    if (cursor->find(spec.name)) continue;
    if (spec.required) cursor.fail(fmt::format("{} needs \"{}\"", what, spec.name));
    if (auto value = fallback_value(spec)) options.set(spec.name, std::move(*value));
  }
  for (const JsonMember& member : cursor->members)
    for (const OptionSpec& spec : specs)
      if (member.key == spec.name)
        options.set(spec.name, read_value(cursor.member(member), spec, dtype));
  return options;
}

}  // namespace gradient_check

#include "gradient_check/diagnosis/tape/repair.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty_like.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "gradient_check/diagnosis/tape/births.h"
#include "gradient_check/diagnosis/tape/stable_form.h"
#include "gradient_check/gradient/evaluation.h"

namespace gradient_check {
namespace {

constexpr int points_compared = 6;

std::size_t offset_of(const std::string& text, std::size_t line, std::size_t column) {
  std::size_t offset = 0;
  for (std::size_t i = 1; i < line; ++i) offset = text.find('\n', offset) + 1;
  return offset + column - 1;
}

std::string with(const std::string& text, const Fix& fix) {
  const std::size_t begin = offset_of(text, fix.line, fix.column);
  const std::size_t end = offset_of(text, fix.end_line, fix.end_column);
  return text.substr(0, begin) + fix.replacement + text.substr(end);
}

/// The floating values in float64, scaled and moved at random; the first time only scaled.
NamedTensors moved(const NamedTensors& values, int k) {
  std::mt19937_64 engine(static_cast<std::uint64_t>(k));
  std::normal_distribution<double> normal;
  NamedTensors result;
  for (const auto& [name, tensor] : values) {
    if (!tensor.is_floating_point()) {
      result.set(name, tensor);
      continue;
    }
    at::Tensor wide = tensor.to(at::kDouble, false, true).contiguous();
    auto* data = wide.data_ptr<double>();
    for (std::int64_t i = 0; i < wide.numel(); ++i)
      data[i] = data[i] * (k % 2 == 0 ? 0.3 : 1) + (k == 0 ? 0 : 0.1 * k * normal(engine));
    result.set(name, wide);
  }
  return result;
}

/// Whether two forwards agree where the first is finite, at enough points to tell.
bool same_where_finite(const Subject& before, const Subject& after, const NamedTensors& values,
                       std::uint64_t seed) {
  int compared = 0;
  for (int k = 0; k < 4 * points_compared && compared < points_compared; ++k) {
    try {
      const NamedTensors at = moved(values, k);
      seed_generator(seed);
      const at::Tensor old_value = run_forward(before, clone(at), at::kDouble).clone();
      if (!is_finite(old_value)) continue;
      seed_generator(seed);
      const at::Tensor new_value = run_forward(after, clone(at), at::kDouble);
      const double size = old_value.abs().max().item<double>();
      const double error = (new_value - old_value).abs().max().item<double>();
      if (!(error <= 1e-5 * size + 1e-9)) return false;
      ++compared;
    } catch (const std::exception&) {
      continue;  // outside of the forward's domain
    }
  }
  return compared > 0;
}

bool is_gone(const Birth& birth, const std::vector<Birth>& left) {
  return std::none_of(left.begin(), left.end(), [&](const Birth& other) {
    return other.place && other.place->line == birth.place->line;
  });
}

}  // namespace

void repair_births(const TapePoint& point, std::vector<Birth>& births) {
  const std::string* text = point.subject.program_text();
  if (!text) return;
  for (Birth& birth : births) {
    // What the manual code should give is not what it gave: the fix of a gradient needs more.
    if (birth.fix || birth.phase == Phase::manual) continue;
    for (Fix& fix : stable_forms(*text, birth)) {
      try {
        const auto edited = point.subject.with_program_text(with(*text, fix));
        TapePoint there{*edited,     point.values, point.targets, point.grad_output,
                        point.dtype, point.seed,   point.manual,  point.autograd};
        if (!is_gone(birth, find_births(there)) ||
            !same_where_finite(point.subject, *edited, point.values, point.seed))
          continue;
        fix.verified = true;
        birth.fix = std::move(fix);
        break;
      } catch (const std::exception&) {
        continue;  // does not compile, or does not run
      }
    }
  }
}

std::unique_ptr<Subject> repaired(const Subject& subject, const std::vector<Birth>& births) {
  const std::string* text = subject.program_text();
  if (!text) return nullptr;
  std::vector<const Fix*> fixes;
  for (const Birth& birth : births)
    if (birth.fix) fixes.push_back(&*birth.fix);
  if (fixes.empty()) return nullptr;
  // From the end, so that the places of those before stay right.
  std::sort(fixes.begin(), fixes.end(), [](const Fix* a, const Fix* b) {
    return std::pair(a->line, a->column) > std::pair(b->line, b->column);
  });
  std::string edited = *text;
  for (const Fix* fix : fixes) edited = with(edited, *fix);
  try {
    return subject.with_program_text(edited);
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace gradient_check

#include "gradient_check/python/runtime/array/number_text.h"

#include <ATen/ops/item.h>
#include <c10/util/Half.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/complex_number.h"
#include "gradient_check/python/runtime/format.h"

namespace gradient_check::python {
namespace {

constexpr std::size_t shown_digits = 8;

std::string without_zeros(std::string text) {
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

/// The shortest digits that read back the same, or eight behind the point; "1." for 1.
template <typename T>
std::string positional(T number) {
  char digits[512];
  const auto end = std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed);
  std::string text(digits, end.ptr);
  const std::size_t point = text.find('.');
  if (point == std::string::npos) return text + ".";
  if (text.size() - point - 1 <= shown_digits) return text;
  return without_zeros(fmt::format("{:.8f}", static_cast<double>(number)));
}

struct Scientific {
  std::string whole, fraction, exponent;  ///< "-1", "5", "-05"
};
template <typename T>
Scientific scientific(T number) {
  char digits[64];
  const auto end =
      std::to_chars(digits, digits + sizeof digits, number, std::chars_format::scientific);
  std::string text(digits, end.ptr);
  if (text.find('e') > shown_digits + 2 + (text[0] == '-'))
    text = fmt::format("{:.8e}", static_cast<double>(number));
  const std::size_t e = text.find('e'), point = text.find('.');
  Scientific parts{text.substr(0, std::min(point, e)), "", text.substr(e + 1)};
  if (point != std::string::npos)
    parts.fraction = without_zeros(text.substr(point + 1, e - point - 1));
  return parts;
}

std::string padded_left(const std::string& text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}
std::string padded_right(const std::string& text, std::size_t width, char with) {
  return text + std::string(width > text.size() ? width - text.size() : 0, with);
}

/// Widths of the parts, as in NumPy's FloatingFormat.
template <typename T>
class RealTexts {
 public:
  explicit RealTexts(const std::vector<T>& numbers) {
    double largest = 0, smallest = 0;
    bool has_infinite = false, has_negative_infinity = false;
    for (const T number : numbers) {
      has_infinite = has_infinite || !std::isfinite(number);
      has_negative_infinity = has_negative_infinity || (std::isinf(number) && number < 0);
      const double size = std::fabs(static_cast<double>(number));
      if (!std::isfinite(number) || size == 0) continue;
      largest = std::max(largest, size);
      smallest = smallest == 0 ? size : std::min(smallest, size);
    }
    has_exponent_ =
        largest >= 1e8 || (smallest > 0 && (smallest < 1e-4 || largest / smallest > 1000));
    for (const T number : numbers)
      if (std::isfinite(number)) measure(number);
    if (has_exponent_) right_ = exponent_ + 1 + fraction_;
    if (!has_infinite) return;
    const std::size_t offset = right_ + 1, wide = has_negative_infinity ? 4 : 3;
    if (wide > offset) left_ = std::max(left_, wide - offset);
  }

  std::string text(T number) const {
    if (!std::isfinite(number)) {
      const char* name = std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf";
      return padded_left(name, left_ + right_ + 1);
    }
    if (has_exponent_) {
      const Scientific parts = scientific(number);
      std::string exponent = parts.exponent.substr(1);
      exponent = parts.exponent[0] + std::string(exponent_ - 1 - exponent.size(), '0') + exponent;
      return padded_left(parts.whole, left_) + "." + padded_right(parts.fraction, fraction_, '0') +
             "e" + exponent;
    }
    const std::string plain = positional(number);
    const std::size_t point = plain.find('.');
    return padded_left(plain.substr(0, point), left_) + "." +
           padded_right(plain.substr(point + 1), right_, ' ');
  }

 private:
  void measure(T number) {
    if (has_exponent_) {
      const Scientific parts = scientific(number);
      left_ = std::max(left_, parts.whole.size());
      fraction_ = std::max(fraction_, parts.fraction.size());
      exponent_ = std::max(exponent_, parts.exponent.size());
      return;
    }
    const std::string plain = positional(number);
    const std::size_t point = plain.find('.');
    left_ = std::max(left_, point);
    right_ = std::max(right_, plain.size() - point - 1);
  }

  bool has_exponent_ = false;
  std::size_t left_ = 0, right_ = 0;
  std::size_t fraction_ = 0, exponent_ = 0;  ///< where there is an exponent
};

template <typename T>
std::vector<std::string> real_texts(const at::Tensor& elements) {
  const T* first = elements.data_ptr<T>();
  const std::vector<T> numbers(first, first + elements.numel());
  const RealTexts<T> format(numbers);
  std::vector<std::string> texts;
  for (const T number : numbers) texts.push_back(format.text(number));
  return texts;
}

/// The decimal number of the fewest digits that reads back as the same half.
double shortest_half(float number) {
  if (!std::isfinite(number)) return number;
  for (int digits = 1; digits < 6; ++digits) {
    const double candidate = std::stod(fmt::format("{:.{}e}", number, digits - 1));
    if (static_cast<float>(c10::Half(static_cast<float>(candidate))) == number) return candidate;
  }
  return number;
}
at::Tensor shortest_halves(const at::Tensor& elements) {
  at::Tensor numbers = elements.to(at::kDouble).contiguous().clone();
  double* number = numbers.data_ptr<double>();
  for (std::int64_t i = 0; i < numbers.numel(); ++i)
    number[i] = shortest_half(static_cast<float>(number[i]));
  return numbers;
}

std::vector<std::string> plain_texts(const at::Tensor& elements, bool has_dimensions) {
  std::vector<std::string> texts;
  std::size_t width = 0;
  for (std::int64_t i = 0; i < elements.numel(); ++i) {
    const auto number = elements.select(0, i).item();
    const bool is_bool = number.isBoolean();
    texts.push_back(is_bool ? (number.toBool() ? (has_dimensions ? " True" : "True") : "False")
                            : std::to_string(number.toLong()));
    width = std::max(width, texts.back().size());
  }
  for (std::string& text : texts) text = padded_left(text, width);
  return texts;
}

template <typename T>
std::string shortest(T number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  const T size = std::fabs(number);
  char digits[64];
  const bool fixed = size == 0 || (size >= static_cast<T>(1e-4) && size < static_cast<T>(1e16));
  const auto end = std::to_chars(digits, digits + sizeof digits, number,
                                 fixed ? std::chars_format::fixed : std::chars_format::scientific);
  std::string text(digits, end.ptr);
  return fixed && text.find('.') == std::string::npos ? text + ".0" : text;
}

}  // namespace

std::vector<std::string> element_texts(const at::Tensor& elements) {
  const at::Tensor flat = elements.contiguous().reshape({-1});
  switch (elements.scalar_type()) {
    case at::kDouble:
      return real_texts<double>(flat);
    case at::kFloat:
      return real_texts<float>(flat);
    case at::kHalf:
      return real_texts<double>(shortest_halves(flat));
    case at::kComplexFloat:
    case at::kComplexDouble:
      type_error("printing arrays of complex numbers is not supported");
    default:
      return plain_texts(flat, elements.dim() > 0);
  }
}

std::string scalar_text(const at::Tensor& tensor) {
  const auto number = tensor.item();
  if (number.isBoolean()) return number.toBool() ? "True" : "False";
  if (number.isIntegral(false)) return std::to_string(number.toLong());
  if (number.isComplex()) {
    const auto value = number.toComplexDouble();
    return "(" + shortest(value.real()) + (std::signbit(value.imag()) ? "" : "+") +
           shortest(value.imag()) + "j)";
  }
  if (tensor.scalar_type() == at::kDouble) return shortest(number.toDouble());
  if (tensor.scalar_type() == at::kHalf) return shortest(shortest_half(number.toFloat()));
  return shortest(number.toFloat());
}

}  // namespace gradient_check::python

#include <ATen/ops/cat.h>

#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/array/number_text.h"

namespace gradient_check::python {
namespace {

constexpr std::size_t line_width = 75;
constexpr std::int64_t threshold = 1000, edge_items = 3;

std::string trimmed_end(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

/// Lays out rows of texts as NumPy's _formatArray does.
class ArrayWriter {
 public:
  ArrayWriter(const at::Tensor& shown, at::IntArrayRef shape, std::string separator)
      : texts_(element_texts(shown)),
        shown_(shown.sizes().vec()),
        shape_(shape.vec()),
        separator_(std::move(separator)) {}

  std::string write(const std::string& indent, std::size_t width) { return row(0, indent, width); }

 private:
  bool is_cut(std::size_t axis) const { return shown_[axis] != shape_[axis]; }

  std::string row(std::size_t axis, const std::string& indent, std::size_t width) {
    const std::string text = axis + 1 == shown_.size() ? last_axis(axis, indent, width)
                                                       : outer_axis(axis, indent, width);
    return "[" + text.substr(indent.size()) + "]";
  }

  std::string last_axis(std::size_t axis, const std::string& indent, std::size_t width) {
    const std::size_t element_width = width - 1;
    std::string text, line = indent;
    const auto extend = [&](const std::string& word) {
      if (line.size() + word.size() > element_width && line.size() > indent.size()) {
        text += trimmed_end(line) + "\n";
        line = indent;
      }
      line += word;
    };
    for (std::int64_t i = 0; i < shown_[axis]; ++i) {
      if (is_cut(axis) && i == edge_items) {
        extend("...");
        line += separator_;
      }
      extend(texts_[next_++]);
      if (i + 1 < shown_[axis]) line += separator_;
    }
    return text + line;
  }

  std::string outer_axis(std::size_t axis, const std::string& indent, std::size_t width) {
    const std::string line_end =
        trimmed_end(separator_) + std::string(shown_.size() - axis - 1, '\n');
    std::string text;
    for (std::int64_t i = 0; i < shown_[axis]; ++i) {
      if (is_cut(axis) && i == edge_items) text += indent + "..." + line_end;
      text += indent + row(axis + 1, indent + " ", width - 1);
      if (i + 1 < shown_[axis]) text += line_end;
    }
    return text;
  }

  std::vector<std::string> texts_;
  std::vector<std::int64_t> shown_, shape_;
  std::string separator_;
  std::size_t next_ = 0;
};

/// Of a long array the first and last three along each axis.
at::Tensor edges(at::Tensor tensor) {
  if (tensor.numel() <= threshold) return tensor;
  for (std::int64_t axis = 0; axis < tensor.dim(); ++axis)
    if (tensor.size(axis) > 2 * edge_items)
      tensor = at::cat({tensor.narrow(axis, 0, edge_items),
                        tensor.narrow(axis, tensor.size(axis) - edge_items, edge_items)},
                       axis);
  return tensor;
}

std::string array_layout(const at::Tensor& tensor, const std::string& separator,
                         const std::string& prefix, std::size_t width) {
  if (tensor.numel() == 0) return "[]";
  if (tensor.dim() == 0) return element_texts(tensor).front();
  return ArrayWriter(edges(tensor), tensor.sizes(), separator)
      .write(" " + std::string(prefix.size(), ' '), width);
}

}  // namespace

std::string array_text(const at::Tensor& tensor, bool as_repr) {
  if (!as_repr)
    return tensor.dim() == 0 ? scalar_text(tensor) : array_layout(tensor, " ", "", line_width);
  const std::string prefix = "array(";
  std::string text = prefix + array_layout(tensor, ", ", prefix, line_width - 1);
  const at::ScalarType type = tensor.scalar_type();
  const bool is_plain = tensor.numel() > 0 && (type == at::kDouble || type == at::kLong ||
                                               type == at::kBool || type == at::kComplexDouble);
  if (is_plain) return text + ")";
  text += ",";
  if (tensor.numel() == 0 && tensor.dim() != 1) {
    std::string shape = "(";
    for (std::int64_t i = 0; i < tensor.dim(); ++i)
      shape += (i ? ", " : "") + std::to_string(tensor.size(i));
    text += " shape=" + shape + "),";
  }
  const std::string dtype = std::string("dtype=") + array_dtype_name(type) + ")";
  const std::size_t last_line = text.size() - (text.rfind('\n') + 1);
  const bool wraps = last_line + dtype.size() + 1 > line_width;
  return text + (wraps ? "\n" + std::string(prefix.size(), ' ') : " ") + dtype;
}

}  // namespace gradient_check::python

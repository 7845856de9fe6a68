#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <charconv>
#include <optional>
#include <vector>

#include "gradient_check/case/tensor_file/tensor_file.h"

namespace gradient_check {
namespace {

static_assert(std::endian::native == std::endian::little, "files are little-endian");

constexpr std::string_view magic = "\x93NUMPY";

/// The dictionary {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), } in its three parts.
struct NpyHeader {
  std::string descr;
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
};

/// Reads the header's Python literal, which NumPy writes and nothing else needs to.
class NpyHeaderParser {
 public:
  explicit NpyHeaderParser(std::string_view text) : text_(text) {}

  NpyHeader parse() {
    NpyHeader header;
    bool has_descr = false, has_order = false, has_shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr") {
        if (peek() != '\'' && peek() != '"')
          throw TensorFileError(
              "the .npy file holds structured records; save one plain array a file");
        header.descr = quoted();
        has_descr = true;
      } else if (key == "fortran_order") {
        header.fortran_order = boolean();
        has_order = true;
      } else if (key == "shape") {
        header.shape = tuple();
        has_shape = true;
      } else {
        fail();
      }
      if (!accept(',') && peek() != '}') fail();
    }
    if (!has_descr || !has_order || !has_shape) fail();
    return header;
  }

 private:
  [[noreturn]] static void fail() {
    throw TensorFileError("the .npy file's header is damaged; write it with numpy.save");
  }
  char peek() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail();
  }
  std::string quoted() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') fail();
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == text_.npos) fail();
    std::string text(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return text;
  }
  bool boolean() {
    for (const std::string_view word : {"True", "False"})
      if (peek() != '\0' && text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return word == "True";
      }
    fail();
  }
  std::vector<std::int64_t> tuple() {
    std::vector<std::int64_t> sizes;
    expect('(');
    while (!accept(')')) {
      peek();
      std::int64_t size = 0;
      const auto [end, error] =
          std::from_chars(text_.data() + at_, text_.data() + text_.size(), size);
      if (error != std::errc() || size < 0 || sizes.size() >= 64) fail();
      at_ = static_cast<std::size_t>(end - text_.data());
      sizes.push_back(size);
      if (!accept(',') && peek() != ')') fail();
    }
    return sizes;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<at::ScalarType> npy_dtype(std::string_view descr) {
  struct Known {
    std::string_view name;
    at::ScalarType dtype;
  };
  constexpr Known known[] = {
      {"f8", at::kDouble}, {"f4", at::kFloat},          {"f2", at::kHalf},        {"i8", at::kLong},
      {"i4", at::kInt},    {"i2", at::kShort},          {"i1", at::kChar},        {"u1", at::kByte},
      {"b1", at::kBool},   {"c16", at::kComplexDouble}, {"c8", at::kComplexFloat}};
  for (const Known& each : known)
    if (descr == each.name) return each.dtype;
  return std::nullopt;
}

at::ScalarType dtype_of(const std::string& descr) {
  if (!descr.empty() && descr[0] == '>')
    throw TensorFileError(fmt::format(
        "the .npy file is big-endian ('{}'); save a.astype(a.dtype.newbyteorder('<'))", descr));
  if (descr.find('O') != descr.npos)
    throw TensorFileError("the .npy file holds Python objects; save an array of numbers");
  if (!descr.empty() && (descr[0] == '<' || descr[0] == '|' || descr[0] == '='))
    if (const auto dtype = npy_dtype(std::string_view(descr).substr(1))) return *dtype;
  throw TensorFileError(
      fmt::format("LibTorch has no dtype for the .npy file's '{}'; save floats, "
                  "or int64, int32, int16, int8, uint8 or bool",
                  descr));
}

std::size_t little_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;)
    value = value << 8U | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

at::Tensor read_npy(std::string_view bytes) {
  if (bytes.size() < 10 || bytes.substr(0, magic.size()) != magic)
    throw TensorFileError("this is no .npy file: it does not begin as numpy.save's do");
  const int version = bytes[6];
  const std::size_t length_bytes = version == 1 ? 2 : 4, start = 8 + length_bytes;
  if (version < 1 || version > 3 || bytes.size() < start)
    throw TensorFileError(fmt::format("an .npy file of version {}; 1 to 3 are known", version));
  const std::size_t length = little_endian(bytes.substr(8, length_bytes));
  if (length > bytes.size() - start) throw TensorFileError("the .npy file ends inside its header");
  const NpyHeader header = NpyHeaderParser(bytes.substr(start, length)).parse();
  std::vector<std::int64_t> sizes = header.shape;
  if (header.fortran_order) std::reverse(sizes.begin(), sizes.end());
  const at::Tensor tensor = tensor_from_memory(bytes.substr(start + length), sizes,
                                               dtype_of(header.descr), "the .npy file");
  return header.fortran_order ? tensor
                                    .permute([&] {
                                      std::vector<std::int64_t> order(sizes.size());
                                      for (std::size_t d = 0; d < order.size(); ++d)
                                        order[d] = static_cast<std::int64_t>(order.size() - 1 - d);
                                      return order;
                                    }())
                                    .contiguous()
                              : tensor;
}

}  // namespace gradient_check

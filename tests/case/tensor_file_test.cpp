#include "gradient_check/case/tensor_file/tensor_file.h"

#include "gradient_check/case/tensor_file/pickle.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace gradient_check {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

const std::filesystem::path files =
    std::filesystem::path(GRADIENT_CHECK_SOURCE) / "tests/case/files";

std::string bytes_of(const std::string& name) {
  std::ifstream stream(files / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// 0, 1/8, 2/8, … in three rows of four.
at::Tensor eighths(at::ScalarType dtype = at::kDouble) {
  return (at::arange(12, at::kDouble) / 8).reshape({3, 4}).to(dtype);
}

at::Tensor npy(const std::string& name) { return read_tensor_file(files / name)[""]; }

// Written by NumPy, PyTorch and by hand from the published layout.
TEST(TensorFile, NpyOfEveryKind) {
  EXPECT_TRUE(npy("c_order.npy").equal(eighths()));
  EXPECT_TRUE(npy("fortran_order.npy").equal(eighths(at::kFloat)));
  EXPECT_TRUE(npy("fortran_order.npy").is_contiguous());
  EXPECT_TRUE(npy("int64.npy").equal(at::tensor({1, -2, 3, 4}, at::kLong).view({2, 2})));
  EXPECT_EQ(npy("scalar.npy").dim(), 0);
  EXPECT_EQ(npy("scalar.npy").item<double>(), 2.5);
  EXPECT_EQ(npy("empty.npy").sizes(), (std::vector<std::int64_t>{0, 3}));
  EXPECT_TRUE(npy("bool.npy").equal(at::tensor({1, 0}, at::kDouble).to(at::kBool)));
  EXPECT_TRUE(npy("half.npy").equal(at::tensor({0.5, -1.5}, at::kDouble).to(at::kHalf)));
  const at::Tensor complex = npy("complex.npy");
  EXPECT_TRUE(at::real(complex).equal(at::tensor({1.0, 3.0}, at::kDouble)));
  EXPECT_TRUE(at::imag(complex).equal(at::tensor({2.0, -4.0}, at::kDouble)));
}

TEST(TensorFile, ArchivesByName) {
  const NamedTensors two = read_tensor_file(files / "two.npz");
  EXPECT_TRUE(two["w"].equal(eighths()));
  EXPECT_TRUE(two["b"].equal(at::tensor({1.0, 2.0}, at::kFloat)));
  const NamedTensors deflated = read_tensor_file(files / "deflated.npz");
  EXPECT_TRUE(deflated["w"].equal(at::zeros({50, 50}, at::kDouble)));
  const NamedTensors safe = read_tensor_file(files / "two.safetensors");
  EXPECT_TRUE(safe["w"].equal(eighths()));
  EXPECT_TRUE(safe["b"].equal(at::tensor({1.0, -2.0}, at::kDouble).to(at::kBFloat16)));
  EXPECT_EQ(safe.size(), 2U);  // and no __metadata__
}

TEST(TensorFile, WhatTorchSaved) {
  const NamedTensors dictionary = read_tensor_file(files / "dict.pt");
  EXPECT_TRUE(dictionary["w"].equal(eighths()));
  EXPECT_FALSE(dictionary["b"].requires_grad());
  EXPECT_TRUE(npy("tensor.pt").equal(eighths().t()));
  EXPECT_TRUE(npy("tensor.pt").is_contiguous());
  for (const char* name : {"plain_state_dict.pt", "state_dict.pt"})
    EXPECT_EQ(read_tensor_file(files / name)["weight"].sizes(), (std::vector<std::int64_t>{3, 2}));
}

struct Refused {
  const char* file;
  const char* words;
};
class RefusedFile : public testing::TestWithParam<Refused> {};
TEST_P(RefusedFile, SaysWhatToSaveInstead) {
  EXPECT_THAT([] { read_tensor_file(files / GetParam().file); },
              ThrowsMessage<TensorFileError>(HasSubstr(GetParam().words)));
}
INSTANTIATE_TEST_SUITE_P(
    Files, RefusedFile,
    testing::Values(Refused{"big_endian.npy", "big-endian ('>f8')"},
                    Refused{"objects.npy", "Python objects; save an array of numbers"},
                    Refused{"uint16.npy", "no dtype for the .npy file's '<u2'"},
                    Refused{"module.pt", "more than tensors"},
                    Refused{"none.npy", "not a regular file"},
                    Refused{"files.txt", "ends in .npy, .npz, .safetensors or .pt"}));

std::string npy_with_header(const std::string& header, const std::string& data = "") {
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xffU);
  bytes += static_cast<char>(header.size() >> 8U);
  return bytes + header + data;
}

TEST(Npy, AHeaderThatLiesIsCaught) {
  const auto reads = [](const std::string& header) {
    return [bytes = npy_with_header(header, std::string(16, '\0'))] { read_npy(bytes); };
  };
  const auto refusal = [](const char* words) {
    return ThrowsMessage<TensorFileError>(HasSubstr(words));
  };
  EXPECT_THAT(reads("{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }"),
              refusal("takes 24 bytes, and has 16"));
  EXPECT_THAT(
      reads("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }"),
      refusal("impossible shape"));
  EXPECT_THAT(reads("{'descr': '<f8', 'fortran_order': False, 'shape': (-2,), }"),
              refusal("damaged"));
  EXPECT_THAT(reads("{'descr': '<f8', 'fortran_order': False}"), refusal("damaged"));
  EXPECT_THAT(reads("{'descr': [('x', '<f8')], 'fortran_order': False, 'shape': (2,)}"),
              refusal("structured records"));
  EXPECT_NO_THROW(reads("{\"shape\": (2,), 'fortran_order':False,'descr':'<f8'}")());
}

/// Every reader, on every beginning of every file and with every byte changed: an error or a
/// tensor, nothing worse.
TEST(TensorFile, DamageIsAnErrorAtMost) {
  for (const char* name : {"c_order.npy", "fortran_order.npy", "two.npz", "two.safetensors",
                           "dict.pt", "state_dict.pt"}) {
    const std::string whole = bytes_of(name);
    const auto read = [&](const std::string& bytes) {
      try {
        const std::string_view view = bytes;
        if (std::string_view(name).ends_with(".npy")) read_npy(view);
        if (std::string_view(name).ends_with(".npz")) read_npz(view);
        if (std::string_view(name).ends_with(".pt")) read_torch_file(view);
        if (std::string_view(name).ends_with(".safetensors")) read_safetensors(view);
        return true;
      } catch (const TensorFileError&) {
        return false;
      }
    };
    EXPECT_TRUE(read(whole)) << name;
    for (std::size_t length = 0; length < whole.size(); ++length)
      EXPECT_FALSE(read(whole.substr(0, length))) << name << " cut at " << length;
    for (std::size_t i = 0; i < whole.size(); ++i)
      for (const char change : {'\x00', '\x7f', '\xff'}) {
        std::string damaged = whole;
        damaged[i] = change;
        read(damaged);
      }
  }
}

TEST(Pickle, EveryOpcodeOnAnEmptyStackIsAnErrorAtMost) {
  for (int first = 0; first < 256; ++first)
    for (int second = 0; second < 256; ++second) {
      const std::string bytes{static_cast<char>(first), static_cast<char>(second), '.'};
      try {
        read_pickle(bytes);
      } catch (const TensorFileError&) {
      }
    }
}

TEST(Pickle, NestingAndRingsEndWell) {
  std::string nested(3'000'000, ']');
  nested += std::string(nested.size() - 1, 'a') + '.';
  EXPECT_NO_THROW(read_pickle(nested));
  EXPECT_NO_THROW(
      read_pickle("]q\x01h\x01"
                  "a."));  // a list that holds itself
}

}  // namespace
}  // namespace gradient_check

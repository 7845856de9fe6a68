#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <memory>

#include "gradient_check/case/tensor_file/tensor_file.h"
#include "gradient_check/case/tensor_file/zip_entries.h"

namespace gradient_check {
namespace {

/// A zip bomb unpacks to any size: arrays of more than this together are refused, and what claims
/// to become larger than deflate can make it.
constexpr std::uint64_t largest_unpacked = 4ULL << 30U, largest_ratio = 1032;

using Archive = std::unique_ptr<zip_t, decltype([](zip_t* archive) { zip_discard(archive); })>;
using ArchiveFile =
    std::unique_ptr<zip_file_t, decltype([](zip_file_t* file) { zip_fclose(file); })>;

Archive open_archive(std::string_view bytes, const std::string& what) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* const archive = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : nullptr;
  const std::string words = zip_error_strerror(&error);
  if (source && !archive) zip_source_free(source);
  zip_error_fini(&error);
  if (!archive) throw TensorFileError(fmt::format("this is no {} file: {}", what, words));
  return Archive(archive);
}

std::string entry_of(zip_t* archive, std::uint64_t index, std::uint64_t size,
                     const std::string& what, const std::string& name) {
  const ArchiveFile file(zip_fopen_index(archive, index, 0));
  std::string bytes(file ? size : 0, '\0');
  const auto failed = [&] {
    throw TensorFileError(
        fmt::format("'{}' in the {} file is damaged: {}", name, what,
                    file ? zip_file_strerror(file.get()) : zip_strerror(archive)));
  };
  if (!file) failed();
  for (std::uint64_t read = 0; read < size;) {
    const zip_int64_t here = zip_fread(file.get(), bytes.data() + read, size - read);
    if (here <= 0) failed();
    read += static_cast<std::uint64_t>(here);
  }
  // Reading on to the end makes the checksum be looked at.
  char beyond = 0;
  if (zip_fread(file.get(), &beyond, 1) != 0) failed();
  return bytes;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> zip_entries(std::string_view bytes,
                                                             const std::string& what) {
  const Archive archive = open_archive(bytes, what);
  std::vector<std::pair<std::string, std::string>> unpacked;
  std::uint64_t total = 0;
  const zip_int64_t entries = zip_get_num_entries(archive.get(), 0);
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(entries); ++i) {
    zip_stat_t entry;
    if (zip_stat_index(archive.get(), i, 0, &entry) != 0 || !(entry.valid & ZIP_STAT_SIZE) ||
        !(entry.valid & ZIP_STAT_NAME) || !(entry.valid & ZIP_STAT_COMP_SIZE))
      throw TensorFileError(fmt::format("the list of what is in the {} file is damaged", what));
    std::string name = entry.name;
    if (entry.size / largest_ratio > std::min<std::uint64_t>(entry.comp_size, bytes.size()))
      throw TensorFileError(
          fmt::format("'{}' in the {} file claims {} bytes, more than it can unpack to", name, what,
                      entry.size));
    if (entry.size > largest_unpacked || (total += entry.size) > largest_unpacked)
      throw TensorFileError(
          fmt::format("the {} file unpacks to more than {} GiB", what, largest_unpacked >> 30U));
    std::string content = entry_of(archive.get(), i, entry.size, what, name);
    unpacked.emplace_back(std::move(name), std::move(content));
  }
  return unpacked;
}

}  // namespace gradient_check

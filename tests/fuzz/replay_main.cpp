// The short run of the test suite, without libFuzzer: every target on its seeds, on what the
// fuzzers found before (regressions/TARGET/), and on the same few random changes of these each
// time.
//   fuzz_replay ROOT MUTATIONS [TARGET]
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "fuzz/target.h"

namespace gradient_check::fuzz {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void add_files(const fs::path& path, std::vector<std::string>& inputs) {
  if (!fs::is_directory(path)) {
    if (fs::exists(path)) inputs.push_back(bytes_of(path));
    return;
  }
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(path))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) inputs.push_back(bytes_of(file));
}

/// One to four bytes changed, cut out, or doubled.
std::string mutated(std::string bytes, std::mt19937& random) {
  for (std::size_t i = 0; i <= random() % 4 && !bytes.empty(); ++i) {
    const std::size_t at = random() % bytes.size(), count = 1 + random() % 8;
    switch (random() % 4) {
      case 0:
        bytes[at] = static_cast<char>(random());
        break;
      case 1:
        bytes.erase(at, count);
        break;
      case 2:
        bytes.insert(at, bytes.substr(at, count));
        break;
      default:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
    }
  }
  return bytes;
}

std::string random_bytes(std::mt19937& random) {
  std::string bytes(random() % 64, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

void replay(const Target& target, const fs::path& root, std::size_t mutations) {
  std::vector<std::string> inputs{""};
  for (const std::string& seed : target.seeds) add_files(root / seed, inputs);
  add_files(root / "tests/fuzz/regressions" / target.name, inputs);
  for (const std::string& input : inputs) target.run(input);
  std::mt19937 random(1);
  for (std::size_t i = 0; i < mutations; ++i) {
    target.run(mutated(inputs[random() % inputs.size()], random));
    target.run(random_bytes(random));
  }
  fmt::print("{}: {} inputs, {} more\n", target.name, inputs.size(), 2 * mutations);
  std::fflush(stdout);
}

}  // namespace
}  // namespace gradient_check::fuzz

int main(int argc, char** argv) {
  using gradient_check::fuzz::Target;
  if (argc < 3) return 2;
  for (const Target* target : gradient_check::fuzz::targets())
    if (argc < 4 || std::string(argv[3]) == target->name)
      gradient_check::fuzz::replay(*target, argv[1], std::stoul(argv[2]));
}

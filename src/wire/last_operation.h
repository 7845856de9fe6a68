#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace gradient_check::wire {

/// The operation that a worker began last, in memory that it shares with gradient-check: there it
/// can be read when the worker is dead. All zero where none was noted.
struct LastOperation {
  std::array<char, 128> name;
  std::array<char, 1024> file;
  std::array<char, 512> source_line;
  std::uint32_t line, column, width;
};

/// Text that fits, ended by a zero.
template <std::size_t room>
void put_text(std::array<char, room>& to, std::string_view text) {
  const std::size_t count = std::min(text.size(), room - 1);
  std::memcpy(to.data(), text.data(), count);
  to[count] = '\0';
}

template <std::size_t room>
std::string get_text(const std::array<char, room>& from) {
  return {from.data(), ::strnlen(from.data(), room)};
}

}  // namespace gradient_check::wire

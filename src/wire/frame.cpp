#include "wire/frame.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "wire/write_all.h"

namespace gradient_check::wire {
namespace {

constexpr std::size_t header_bytes = 1 + sizeof(std::uint64_t);
/// No result is larger; a length beyond it is not one.
constexpr std::uint64_t largest_payload = 1ULL << 32U;

std::uint64_t length_in(const std::string& buffer) {
  std::uint64_t length = 0;
  std::memcpy(&length, buffer.data() + 1, sizeof length);
  return length;
}

}  // namespace

bool write_frame(int descriptor, FrameKind kind, std::string_view payload) {
  const std::uint64_t length = payload.size();
  std::string bytes(header_bytes, '\0');
  bytes[0] = static_cast<char>(kind);
  std::memcpy(bytes.data() + 1, &length, sizeof length);
  bytes += payload;
  return write_all(descriptor, bytes);
}

bool FrameReader::fill(int descriptor) {
  std::array<char, 1U << 16U> room;
  ssize_t count = 0;
  do {
    count = ::read(descriptor, room.data(), room.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
  buffer_.append(room.data(), static_cast<std::size_t>(count));
  return count > 0 && (buffer_.size() < header_bytes || length_in(buffer_) <= largest_payload);
}

std::optional<Frame> FrameReader::next() {
  if (buffer_.size() < header_bytes) return std::nullopt;
  const std::uint64_t length = length_in(buffer_);
  if (buffer_.size() - header_bytes < length) return std::nullopt;
  Frame frame{static_cast<FrameKind>(buffer_[0]), buffer_.substr(header_bytes, length)};
  buffer_.erase(0, header_bytes + length);
  return frame;
}

std::optional<Frame> read_frame(int descriptor, FrameReader& reader) {
  while (true) {
    if (auto frame = reader.next()) return frame;
    if (!reader.fill(descriptor)) return std::nullopt;
  }
}

}  // namespace gradient_check::wire

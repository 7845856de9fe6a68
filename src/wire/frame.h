#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gradient_check::wire {

/// What gradient-check and a worker say to each other.
enum class FrameKind : std::uint8_t {
  settings,  ///< to the worker, first: WorkerSettings
  ready,     ///< LibTorch and the libraries are loaded
  refused,   ///< the settings cannot be used; the payload says why
  check,     ///< to the worker: a CheckRequest
  started,   ///< the case is being read
  finished,  ///< its CaseResult
  retired,   ///< before `finished`: so much memory is used that another should take its place
  describe,  ///< to the worker, in place of cases: what is known of rules and the case format
  described,
  entries,  ///< to the worker: a program's path
  listed,   ///< the names of what can be checked of it, as JSON
  draft,    ///< to the worker: a CheckRequest for a program
  drafted,  ///< a Draft
};

struct Frame {
  FrameKind kind{};
  std::string payload;
};

/// Writes a frame whole; false where the other side is gone.
bool write_frame(int descriptor, FrameKind kind, std::string_view payload = {});

/// Puts frames together out of what arrives.
class FrameReader {
 public:
  /// Reads once what is there, waiting for it where the descriptor blocks; false at the end, or
  /// where what arrives are no frames.
  bool fill(int descriptor);
  /// The next frame that is complete.
  std::optional<Frame> next();

 private:
  std::string buffer_;
};

/// The next frame of a descriptor that blocks; nothing at its end.
std::optional<Frame> read_frame(int descriptor, FrameReader& reader);

}  // namespace gradient_check::wire

#pragma once

namespace gradient_check::app {

/// While it lives, the first SIGINT, SIGTERM or SIGHUP is noted, and a second one ends the program
/// as ever.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  /// The signal that came, or 0.
  int signal() const;
  /// To poll for reading: it becomes readable with the signal.
  int descriptor() const;
};

}  // namespace gradient_check::app

#pragma once

#include <sys/types.h>

#include <optional>
#include <stdexcept>
#include <string>

#include "app/pool/descriptor.h"
#include "wire/frame.h"
#include "wire/last_operation.h"
#include "wire/settings.h"

namespace gradient_check::app {

/// Workers cannot be started, or cannot be used as the command line asks; what() says why.
class WorkerError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// How a process ended.
struct Death {
  int signal = 0;                ///< that ended it, or 0
  int exit_status = 0;           ///< where none did
  double processor_seconds = 0;  ///< that it used
  bool hung_up = false;  ///< it lived on after it had closed its connection, and was ended by us
};

/// A worker: started by exec, killed and waited for with its owner. No call waits but kill.
class WorkerProcess {
 public:
  /// Throws WorkerError.
  explicit WorkerProcess(const wire::WorkerSettings& settings, std::size_t threads);
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  /// To poll for reading: its frames, and what it prints.
  int results() const { return results_.get(); }
  int output() const { return output_.get(); }

  /// False where it no longer reads.
  bool send(wire::FrameKind kind, const std::string& payload);
  /// Reads what has come; false where no frame comes any more.
  bool receive();
  std::optional<wire::Frame> next_frame() { return reader_.next(); }

  /// What it has printed since the last call. Far too much is cut in the middle.
  std::string take_output();
  /// Reads what it has printed.
  void receive_output();

  wire::LastOperation last_operation() const { return *shared_; }
  /// Ends it.
  void kill();
  /// How it ended that no longer sends frames; ends it where it has not.
  Death death();

 private:
  /// Takes note of its end, where it has come.
  bool has_ended(int wait_options);

  pid_t process_ = -1;
  int status_ = 0;  ///< waitpid's
  double processor_seconds_ = 0;
  Descriptor requests_, results_, output_;
  wire::LastOperation* shared_ = nullptr;
  wire::FrameReader reader_;
  std::string first_output_, last_output_;
  bool output_cut_ = false;
};

}  // namespace gradient_check::app

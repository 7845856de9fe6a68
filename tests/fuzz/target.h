#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gradient_check::fuzz {

/// Something that takes bytes from strangers. `run` aborts the process where it does what it may
/// not: crash, hang, or throw anything but the error that it documents.
struct Target {
  const char* name;
  void (*run)(std::string_view bytes);
  std::vector<std::string> seeds;  ///< folders and files below the project's own
};

extern const Target case_target, npy_target, npz_target, safetensors_target, torch_file_target,
    filter_target, report_target, program_target;

inline const std::vector<const Target*>& targets() {
  static const std::vector<const Target*> table{
      &case_target,       &npy_target,    &npz_target,    &safetensors_target,
      &torch_file_target, &filter_target, &report_target, &program_target};
  return table;
}

}  // namespace gradient_check::fuzz

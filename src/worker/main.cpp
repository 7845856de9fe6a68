// The part of gradient-check that loads LibTorch: gradient-check starts it, gives it cases one
// after another, and survives what they do to it. Nobody else calls it.
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <c10/util/Logging.h>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>

#include "gradient_check/case/program_file.h"
#include "gradient_check/check.h"
#include "gradient_check/gradient/memory.h"
#include "gradient_check/gradient/parallel.h"
#include "gradient_check/subject/device_subject.h"
#include "gradient_check/subject/library.h"
#include "wire/check_request.h"
#include "wire/facts.h"
#include "wire/frame.h"
#include "wire/settings.h"
#include "worker/limits.h"
#include "worker/watch.h"

namespace gradient_check::worker {
namespace {

using wire::FrameKind;

wire::Facts facts() { return {libtorch_version(), case_schema(), rule_pages()}; }

void prepare_libtorch() {
  keep_freed_memory();
  // Sums in one order, whatever the machine: threads are ours, and share out whole evaluations.
  set_operator_threads(1);
  // OpenBLAS takes its memory with its first product, and where it gets none asks for ever.
  at::mm(at::ones({2, 2}), at::ones({2, 2}));
  // Nobody sees LibTorch's C++ stack, and looking up its symbols takes longer than the check.
  c10::SetStackTraceFetcher(std::function<std::string()>([] { return std::string(); }));
}

/// Why the settings cannot be used, or nothing.
std::string load(const wire::WorkerSettings& settings) {
  try {
    for (const std::string& library : settings.libraries) load_library(library);
  } catch (const LibraryError& error) {
    return std::string("--load: ") + error.what();
  }
  try {
    if (settings.overrides.device != "cpu") usable_device(settings.overrides.device);
  } catch (const std::invalid_argument& error) {
    return std::string("--device ") + error.what();
  }
  return "";
}

void flush_output() {
  std::cout.flush();
  std::cerr.flush();
  std::fflush(nullptr);
}

std::string check(const wire::CheckRequest& request, const wire::WorkerSettings& settings,
                  Watch& watch) {
  set_processor_time(settings.timeout);
  watch.begin_case();
  const auto made = [&](const Subject* subject) { watch.set_subject(subject); };
  CaseResult result =
      is_program_file(request.path)
          ? check_program({request.path, request.entry, settings.program}, settings.overrides, made)
          : check_file(request.path, settings.overrides, made);
  watch.end_case();
  if (result.message.rfind("out of memory", 0) == 0 && settings.memory_bytes > 0)
    result.message +=
        fmt::format("; a case may take {} MiB (--memory)", settings.memory_bytes >> 20U);
  std::string bytes;
  nlohmann::ordered_json::to_cbor(to_json(result), bytes);
  flush_output();
  return bytes;
}

std::string draft(const wire::CheckRequest& request, const wire::WorkerSettings& settings) {
  try {
    return wire::to_bytes(wire::Draft{draft_case({request.path, request.entry, settings.program},
                                                 settings.overrides, request.named),
                                      ""});
  } catch (const std::exception& error) {
    return wire::to_bytes(wire::Draft{"", error.what()});
  }
}

int serve() {
  wire::FrameReader reader;
  const auto first = wire::read_frame(STDIN_FILENO, reader);
  if (!first || first->kind != FrameKind::settings) {
    std::fputs("gradient-check-worker: gradient-check starts this program; it does nothing alone\n",
               stderr);
    return 2;
  }
  const wire::WorkerSettings settings = wire::settings_from_bytes(first->payload);
  set_limits(settings);
  prepare_libtorch();
  limit_memory(settings);
  const auto answer = [](FrameKind kind, const std::string& payload) {
    return wire::write_frame(wire::result_descriptor, kind, payload);
  };
  if (const std::string why = load(settings); !why.empty()) {
    answer(FrameKind::refused, why);
    return 2;
  }
  confine(settings);
  Watch watch(settings);
  if (!answer(FrameKind::ready, "")) return 2;
  while (const auto request = wire::read_frame(STDIN_FILENO, reader)) {
    if (request->kind == FrameKind::describe) {
      answer(FrameKind::described, wire::to_text(facts()));
    } else if (request->kind == FrameKind::check) {
      answer(FrameKind::started, "");
      const std::string result =
          check(wire::check_request_from_bytes(request->payload), settings, watch);
      // Before the result: behind it the next case may come at once.
      if (is_worn_out(settings)) answer(FrameKind::retired, "");
      if (!answer(FrameKind::finished, result)) return wire::lost_connection;
    } else if (request->kind == FrameKind::entries) {
      set_processor_time(settings.timeout);
      answer(FrameKind::listed, wire::to_bytes(program_entries(request->payload)));
    } else if (request->kind == FrameKind::draft) {
      set_processor_time(settings.timeout);
      answer(FrameKind::drafted, draft(wire::check_request_from_bytes(request->payload), settings));
    }
  }
  return 0;
}

}  // namespace
}  // namespace gradient_check::worker

int main(int argc, char** argv) {
  int status = 0;
  // Our own build asks so for what gradient-check has to know without LibTorch.
  if (argc == 2 && std::string(argv[1]) == "--describe")
    std::cout << gradient_check::wire::to_text(gradient_check::worker::facts());
  else
    status = gradient_check::worker::serve();
  std::cout.flush();
  std::fflush(nullptr);
  // To take LibTorch's tables apart would only keep the user waiting.
  std::quick_exit(status);
}

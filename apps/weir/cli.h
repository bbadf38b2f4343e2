// What all subcommands share: parsing with helpful errors, exit codes, interruption.
#pragma once
#include <CLI/CLI.hpp>
#include <atomic>
#include <optional>

#include "apps/weir/commands.h"
#include "weir/base/result.h"

namespace weir::cli {

// Exit codes; docs/exit-codes.md says more.
enum Exit : int {
  kMet = 0,
  kFailed = 1,
  kUsage = 2,
  kObjectiveMissed = 3,
  kWorse = 4,
  kCannotTell = 5,
  kInvalid = 6,
};

// Parses; a value means "stop with this exit code" (help was printed, or the usage error was, in
// three parts with the nearest known flag).
std::optional<int> parse(CLI::App& app, Arguments arguments);

// Prints "weir: <text>" to stderr and returns kUsage for Code::kUsage, kNotFound, kAlreadyExists
// and kUnreachable, else kFailed.
int report(const Error& error);

// Installs handlers for SIGINT, SIGTERM and SIGHUP that only set this: 0, or the latest signal.
void watch_interrupts();
int interrupted();      // 0 or the signal's number
int interrupt_count();  // how many came

}  // namespace weir::cli

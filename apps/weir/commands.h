// The subcommands of weir, one file each. A command gets its own arguments (without "weir" and its
// name) and returns the exit code of docs/exit-codes.md.
#pragma once
#include <string>
#include <vector>

namespace weir::cli {
using Arguments = std::vector<std::string>;

struct Command {
  const char* name;
  const char* summary;  // empty: internal, not listed
  int (*run)(Arguments arguments);
};
// All of them, in the order of `weir --help`.
const std::vector<Command>& commands();

int broker_command(Arguments arguments);
int analyze_command(Arguments arguments);
int guard_command(Arguments arguments);
int stream_command(Arguments arguments);
int produce_command(Arguments arguments);
int topic_command(Arguments arguments);
int report_command(Arguments arguments);
int verify_command(Arguments arguments);
int compare_command(Arguments arguments);
int trend_command(Arguments arguments);
int run_command(Arguments arguments);
int demo_command(Arguments arguments);
int setup_command(Arguments arguments);
int init_command(Arguments arguments);
int check_command(Arguments arguments);
int config_command(Arguments arguments);
int rerun_command(Arguments arguments);
int explain_command(Arguments arguments);
int undo_command(Arguments arguments);
int version_command(Arguments arguments);
}  // namespace weir::cli

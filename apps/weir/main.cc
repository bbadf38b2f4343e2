// weir: the story starts here. Each subcommand has a file of its own.
#include <cstdio>

#include "apps/weir/cli.h"
#include "apps/weir/commands.h"
#include "apps/weir/reference.h"
#include "weir/base/nearest.h"

namespace weir::cli {

const std::vector<Command>& commands() {
  static const std::vector<Command> all = {
      {"demo", "the three experiments on this machine, about 95 s", demo_command},
      {"run", "measure load, scale and faults of a pipeline", run_command},
      {"rerun", "run again what a run's folder holds", rerun_command},
      {"init", "write a commented plan to begin with", init_command},
      {"check", "look at everything that a plan needs, before it runs", check_command},
      {"config", "print the resolved plan, and where each value comes from", config_command},
      {"broker", "a single-node durable Kafka broker", broker_command},
      {"guard", "", guard_command},
      {"stream", "process events in micro-batches, exactly once", stream_command},
      {"produce", "send a load of events in an open loop, and say what became of each",
       produce_command},
      {"topic", "create, list, describe and delete topics of any Kafka", topic_command},
      {"report", "write report.html of a run again, from its stored data", report_command},
      {"verify", "hold a run against its manifest and compute its numbers again", verify_command},
      {"compare", "hold two sides against each other: better, worse, within, or cannot tell",
       compare_command},
      {"trend", "show stored runs over time, and which changes are more than noise", trend_command},
      {"analyze", "the origin's tables from its CSV files or a run, and corrected ones",
       analyze_command},
      {"setup", "prepare a pinned Apache Kafka or Spark to measure", setup_command},
      {"explain", "say what a warning's code or a word of a result means", explain_command},
      {"undo", "undo what a run began and could not undo itself", undo_command},
      {"version", "what this program is and was built from", version_command},
  };
  return all;
}

namespace {
int overview() {
  std::puts(
      "weir measures event-streaming pipelines: load, scale, faults.\n"
      "  weir demo          the three experiments on this machine, about 95 s\n"
      "  weir init kafka    a plan for your own Kafka; then weir check, weir run all\n"
      "  weir run load      the rate a pipeline sustains, and its latency\n"
      "  weir report        the page of the latest run\n"
      "  weir --help        all commands\n"
      "Next: weir demo");
  return kMet;
}

int help() {
  std::puts(
      "weir measures event-streaming pipelines (producer, Kafka, stream processor, "
      "result).\n\ncommands:");
  for (const auto& command : commands())
    if (*command.summary) std::printf("  %-10s %s\n", command.name, command.summary);
  std::puts("\nweir COMMAND --help says more about each.");
  return kMet;
}

// For the shell: the commands' names for the first word, what the command itself offers beyond.
int complete(const Arguments& words) {
  if (words.size() > 1) {
    Arguments rest(words.begin() + 1, words.end());
    rest.insert(rest.begin(), "__complete");
    for (const auto& command : commands())
      if (words[0] == command.name && *command.summary) return command.run(std::move(rest));
    return kMet;
  }
  const std::string prefix = words.empty() ? "" : words[0];
  for (const auto& command : commands())
    if (*command.summary && std::string(command.name).starts_with(prefix))
      std::printf("%s\t%s\n", command.name, command.summary);
  return kMet;
}

int dispatch(int argc, char** argv) {
  if (argc < 2) return overview();
  const std::string name = argv[1];
  if (name == "--help" || name == "-h" || name == "help") return help();
  if (name == "--version") return version_command({});
  if (name == "__complete") return complete(Arguments(argv + 2, argv + argc));
  if (name == "__man") return std::fputs(main_man_page().c_str(), stdout) < 0 ? kFailed : kMet;
  std::vector<std::string> names;
  for (const auto& command : commands()) {
    if (name == command.name) return command.run(Arguments(argv + 2, argv + argc));
    if (*command.summary) names.push_back(command.name);
  }
  const std::string close = nearest(name, names);
  return report(
      Error{Code::kUsage, "unknown command " + name, "weir has no such command",
            close.empty() ? "weir --help lists them" : "did you mean weir " + close + "?"});
}
}  // namespace
}  // namespace weir::cli

int main(int argc, char** argv) { return weir::cli::dispatch(argc, argv); }

// weir init: writes a plan to begin with, commented; asks nothing and never overwrites.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "apps/weir/cli.h"
#include "weir/lab/plan_keys.h"

namespace weir::cli {
namespace {

struct Kind {
  const char *name, *intro;
  std::vector<std::string> set;      // assignments to the default plan
  std::vector<std::string> written;  // keys that the file holds
};

const std::vector<Kind>& kinds() {
  static const std::vector<std::string> base = {
      "experiments",        "budget",           "objectives",         "target.broker",
      "target.engine",      "topic.partitions", "topic.replication",  "event.size",
      "engine.workload",    "engine.trigger",   "engine.parallelism", "load.search",
      "load.step",          "scale.partitions", "scale.parallelism",  "faults.kinds",
      "faults.repetitions", "faults.rate"};
  static const auto with = [](std::vector<std::string> more) {
    std::vector<std::string> all = base;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  static const std::vector<Kind> all = {
      {"embedded", "weir's own broker and engine: nothing to install", {}, base},
      {"kafka",
       "your Kafka, with weir's engine: questions about broker and network",
       {"target.broker=localhost:9092", "faults.kinds=[\"engine:kill\"]",
        "objectives=[\"lost == 0\"]"},
       with({"target.command_config"})},
      {"spark",
       "your Kafka and Apache Spark: the whole pipeline",
       {"target.broker=localhost:9092", "target.engine=spark", "engine.trigger=5s",
        "engine.workload=forward", "faults.kinds=[\"engine:kill\"]", "objectives=[\"lost == 0\"]"},
       with({"target.command_config", "engine.master", "engine.connect", "engine.driver_memory"})},
  };
  return all;
}

bool is_written(const Kind& kind, const std::string& path) {
  return std::find(kind.written.begin(), kind.written.end(), path) != kind.written.end();
}

Result<std::string> plan_of(const Kind& kind, const std::string& file) {
  lab::Plan plan;
  for (const auto& assignment : kind.set) WEIR_TRY(lab::set_key(assignment, plan));
  std::string text = fmt::format(
      "# A plan of weir: {}.\n"
      "# Every key may be left out. weir config {} shows what is then taken, and from where.\n"
      "# Next: weir check {}, then weir run all {} --dry-run\n"
      "schema = \"weir.plan/1\"\n",
      kind.intro, file, file, file);
  std::string section;
  for (const auto& key : lab::plan_keys()) {
    if (!is_written(kind, key.path)) continue;
    const size_t dot = key.path.find('.');
    if (dot != std::string::npos && key.path.substr(0, dot) != section) {
      section = key.path.substr(0, dot);
      text += "\n[" + section + "]\n";
    }
    const std::string line = key.path.substr(dot == std::string::npos ? 0 : dot + 1) + " = " +
                             lab::plan_value(plan, key.path);
    text += fmt::format("{:<41} # {}\n", line, key.meaning);
  }
  return text;
}

Status write_new(const std::string& file, const std::string& text) {
  std::FILE* out = std::fopen(file.c_str(), "wx");  // x: only when it does not exist
  if (out == nullptr && errno == EEXIST)
    return fail(Code::kAlreadyExists, file + " exists", "weir init never overwrites",
                "name another file: weir init kafka mine.toml");
  if (out == nullptr) return tl::unexpected(error_from_errno(errno, "write", file));
  const bool written = std::fwrite(text.data(), 1, text.size(), out) == text.size();
  if (std::fclose(out) != 0 || !written)
    return tl::unexpected(error_from_errno(errno, "write", file));
  return {};
}

}  // namespace

int init_command(Arguments arguments) {
  CLI::App app("Writes a commented plan to begin with; asks nothing and never overwrites.",
               "weir init");
  std::string name = "embedded", file;
  std::vector<std::string> names;
  for (const auto& kind : kinds()) names.emplace_back(kind.name);
  app.add_option("kind", name, "what the plan measures")
      ->check(CLI::IsMember(names))
      ->capture_default_str();
  app.add_option("file", file, "where to write it (default weir.toml; - prints it)");
  app.footer(
      "examples:\n"
      "  weir init kafka\n"
      "  weir init spark - | grep trigger\n"
      "  weir init embedded mine.toml && weir run all mine.toml --quick --json - | jq .findings");
  if (auto done = parse(app, std::move(arguments))) return *done;
  if (file.empty()) file = "weir.toml";
  for (const auto& kind : kinds()) {
    if (name != kind.name) continue;
    const auto text = plan_of(kind, file == "-" ? "weir.toml" : file);
    if (!text) return report(text.error());
    if (file == "-") return std::fputs(text->c_str(), stdout) < 0 ? kFailed : kMet;
    if (auto written = write_new(file, *text); !written) return report(written.error());
    std::printf("%s: %s\nNext: weir check %s\n", file.c_str(), kind.intro, file.c_str());
  }
  return kMet;
}

}  // namespace weir::cli

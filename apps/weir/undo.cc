// weir undo: runs what a run's journal says is still to be undone.
#include "weir/lab/undo.h"

#include <cstdio>
#include <filesystem>

#include "apps/weir/cli.h"

namespace weir::cli {
namespace {

// A run's folder, or a journal itself.
std::string journal_of(const std::string& path) {
  return std::filesystem::is_directory(path) ? path + "/undo.jsonl" : path;
}

}  // namespace

int undo_command(Arguments arguments) {
  CLI::App app(
      "Undoes what a run began and could not undo itself: faults in effect, topics it created.",
      "weir undo");
  std::string path = "runs/latest";
  bool dry_run = false;
  app.add_option("run", path, "the run's folder")->capture_default_str();
  app.add_flag("--dry-run", dry_run, "say what would be undone, and stop");
  app.footer(
      "A run undoes everything itself, also when it is interrupted or killed; this is for what\n"
      "failed then, or for a machine that went down. Nothing is undone twice.\n"
      "Exit 0: nothing is left to undo. 1: something could not be undone. 2: usage.\n"
      "examples:\n"
      "  weir undo\n"
      "  weir undo runs/20260102T030405Z-faults-a1b2 --dry-run\n"
      "  weir undo runs/latest && jq -c 'select(.state)' runs/latest/undo.jsonl");
  if (auto done = parse(app, std::move(arguments))) return *done;
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    return report(Error{Code::kNotFound, "there is no run at " + path, "the folder is not there",
                        "name the folder of a run"});
  const std::string journal = journal_of(path);
  if (dry_run) {
    const auto entries = lab::read_undo_journal(journal);
    if (!entries) return report(entries.error());
    int open = 0;
    for (const auto& entry : *entries)
      if (entry.state == lab::UndoState::kOpen && ++open)
        std::printf("%s\n  %s\n", entry.undo.what.c_str(), entry.undo.command.c_str());
    std::printf("%d to undo\n", open);
    return kMet;
  }
  const auto ran = lab::replay_undo_journal(journal);
  if (!ran) return report(ran.error());
  size_t undone = 0;
  for (const auto& entry : *ran) {
    const bool done = entry.state == lab::UndoState::kUndone;
    undone += done;
    std::printf("%s %s\n", done ? "undone    " : "not undone", entry.undo.what.c_str());
    if (!done) std::printf("  %s\n", entry.reason.c_str());
  }
  if (ran->empty())
    std::puts("nothing is left to undo");
  else
    std::printf("%zu of %zu undone\n", undone, ran->size());
  if (undone == ran->size()) return kMet;
  std::fprintf(stderr, "weir: %zu could not be undone; what they did is still in effect\n",
               ran->size() - undone);
  return kFailed;
}

}  // namespace weir::cli

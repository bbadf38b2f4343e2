#include "apps/weir/compare_flags.h"

namespace weir::cli {
namespace {

void add_settings(CLI::App& app, const char* name, std::vector<std::string>& into,
                  const char* meaning) {
  app.add_option(name, into, meaning)->expected(1)->take_all()->group("measuring (--run)");
}

void add_measuring(CLI::App& app, CompareFlags& flags) {
  const char* group = "measuring (--run)";
  app.add_flag("--run", flags.run, "the sides are plans: measure them in pairs")->group(group);
  app.add_option("--pairs", flags.pairs, "how many pairs")
      ->check(CLI::Range(1, compare::kPairsAsked))
      ->capture_default_str()
      ->group(group);
  app.add_option("--aa", flags.noise_pairs,
                 "measure the base against itself so many times (10 or more): what this machine's "
                 "noise hides; kept in the cache")
      ->check(CLI::Range(3, compare::kPairsAsked))
      ->group(group);
  app.add_option("--rate", flags.rate,
                 "events per second of every step; else the base plan's first load.rates, else 70% "
                 "of the sustainable rate that a search finds first")
      ->check(CLI::Range(1.0, 1e9))
      ->group(group);
  app.add_flag("--quick", flags.quick, "short steps, as weir run --quick")->group(group);
  app.add_option("--seed", flags.seed, "of the order within the pairs (default: drawn, and stored)")
      ->each([&flags](const std::string&) { flags.seed_given = true; })
      ->group(group);
  add_settings(app, "--set", flags.settings, "key=value of both plans");
  add_settings(app, "--base-set", flags.base_settings, "key=value of the base alone");
  add_settings(app, "--head-set", flags.head_settings, "key=value of the head alone");
  app.add_option("--base-weir", flags.base_weir, "another weir program measures the base")
      ->group(group);
  app.add_option("--head-weir", flags.head_weir, "another weir program measures the head")
      ->group(group);
  app.add_option("--out", flags.out, "folder of it all (default runs/<time>-compare-<id>)")
      ->group(group);
  app.add_option("--resume", flags.resume, "go on with a comparison that was cut off")
      ->group(group);
  app.add_flag("--yes", flags.yes, "do not ask before somebody's cluster is used")->group(group);
}

void add_judging(CLI::App& app, CompareFlags& flags) {
  const char* group = "judging";
  app.add_option("--allow", flags.allow,
                 "a difference that is meant: a key (engine.trigger) or a beginning (version)")
      ->expected(1)
      ->take_all()
      ->group(group);
  app.add_flag("--force", flags.force, "compare unlike runs all the same")->group(group);
  app.add_option("--allowed", flags.allowed, "change that does not matter (default 3%)")
      ->group(group);
  app.add_option("--primary", flags.primary, "the measure that decides")->group(group);
  app.add_option("--gate", flags.gate, "file (TOML) with objectives and allowed changes")
      ->group(group);
  app.add_option("--unsure", flags.unsure, "what cannot be told passes, or fails with 5")
      ->check(CLI::IsMember({"pass", "fail"}))
      ->capture_default_str()
      ->group(group);
}

}  // namespace

void add_compare_flags(CLI::App& app, CompareFlags& flags) {
  app.add_option("sides", flags.sides,
                 "base and head: a run's folder, several with commas, or a folder of runs; with "
                 "--run a plan each");
  add_measuring(app, flags);
  add_judging(app, flags);
  app.add_option("--json", flags.json, "file for compare.json; - prints it instead of the table");
  app.add_option("--markdown", flags.markdown,
                 "file for a summary in Markdown; also added to $GITHUB_STEP_SUMMARY");
  app.add_option("--junit", flags.junit, "file for the gate's answer as JUnit's XML");
  app.add_flag("--quiet", flags.quiet, "do not tell each step");
  app.footer(
      "Exit 0: nothing worse. 3: an objective was missed. 4: worse. 5: cannot tell, with --unsure "
      "fail. 6: no valid pair.\n"
      "examples:\n"
      "  weir compare runs/monday runs/tuesday\n"
      "  weir compare a1,a2,a3,a4,a5,a6 b1,b2,b3,b4,b5,b6 --allow version\n"
      "  weir compare --run base.toml head.toml --pairs 7 --rate 100000 --gate gate.toml\n"
      "  weir compare --run base.toml --head-weir ./build/weir --quick\n"
      "  weir compare --run base.toml --aa 10 --quick\n"
      "  weir compare runs/monday runs/tuesday --json - | jq '.changes[] | {metric, verdict, "
      "ratio}'");
}

}  // namespace weir::cli

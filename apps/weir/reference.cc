#include "apps/weir/reference.h"

#include <fmt/format.h>

#include <cstdio>

namespace weir::cli {
namespace {

constexpr const char* kExitStatus[][2] = {
    {"0", "What was asked was done; all objectives were met."},
    {"1", "weir failed: something it needs did not work."},
    {"2", "Usage: a flag, a key, a plan or an input is wrong, or what it names is not there."},
    {"3", "An objective was missed."},
    {"4", "Worse than the baseline."},
    {"5", "Cannot tell (only with \\-\\-unsure fail)."},
    {"6", "The measurement is not valid: generator or clock were the limit."},
    {"130, 143, 129", "Interrupted by SIGINT, SIGTERM, SIGHUP; what was measured is kept."},
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines = CLI::detail::split(text, '\n');
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

// A command's footer: commands to try under "examples:", and everything else.
struct Footer {
  std::vector<std::string> examples, notes;
};
Footer footer_of(const CLI::App& app) {
  Footer footer;
  bool examples = false;
  for (const auto& line : lines_of(app.get_footer())) {
    if (line == "examples:")
      examples = true;
    else if (examples && line.starts_with("  "))
      footer.examples.push_back(line.substr(2));
    else if (!line.empty())
      footer.notes.push_back(line), examples = false;
  }
  return footer;
}

std::vector<const CLI::App*> subcommands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

// "TEXT" for an open value, the words where they are listed.
std::string value_name(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const size_t open = type.find('{');
  if (open != std::string::npos) {
    std::string words = type.substr(open + 1, type.find('}') - open - 1);
    std::replace(words.begin(), words.end(), ',', '|');
    return words;
  }
  return type.substr(0, type.find(':'));
}

std::vector<std::string> flag_names(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const auto& name : option.get_snames()) names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

std::string roff(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool begins = i == 0 || text[i - 1] == '\n';
    if (begins && (text[i] == '.' || text[i] == '\'')) out += "\\&";
    if (text[i] == '\\')
      out += "\\e";
    else if (text[i] == '-')
      out += "\\-";
    else if (text[i] == '\'')
      out += "\\(aq";
    else if (text[i] == '`')
      out += "\\(ga";
    else if (text[i] == '^')
      out += "\\(ha";
    else if (text[i] == '~')
      out += "\\(ti";
    else
      out += text[i];
  }
  return out;
}

std::string dashed(std::string name) {
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string heading(const std::string& page) {
  std::string upper = page;
  for (char& c : upper) c = char(std::toupper(static_cast<unsigned char>(c)));
  return fmt::format(".TH {} 1 \"\" \"weir {}\" \"User Commands\"\n", roff(upper), WEIR_VERSION);
}

std::string summary_of(const CLI::App& app) {
  for (const auto& command : commands())
    if (app.get_name() == std::string("weir ") + command.name) return command.summary;
  return app.get_description();
}

std::string man_options(const CLI::App& app) {
  std::string text;
  for (const auto* option : app.get_options()) {
    std::string names;
    for (const auto& name : flag_names(*option))
      names += (names.empty() ? "" : ", ") + ("\\fB" + roff(name) + "\\fR");
    if (names.empty()) names = "\\fI" + roff(option->get_name()) + "\\fR";
    if (option->get_items_expected_max() > 0 && !option->get_positional())
      names += " \\fI" + roff(value_name(*option)) + "\\fR";
    text += ".TP\n" + names + "\n" + roff(option->get_description());
    if (!option->get_default_str().empty()) text += " [" + roff(option->get_default_str()) + "]";
    text += "\n";
  }
  return text;
}

std::string man_exit_status() {
  std::string text = ".SH EXIT STATUS\n";
  for (const auto& [code, meaning] : kExitStatus)
    text += fmt::format(".TP\n.B {}\n{}\n", code, meaning);
  return text;
}

std::string synopsis_of(const CLI::App& app, const std::string& name) {
  std::string text = name + " [OPTIONS]";
  for (const auto* option : app.get_options())
    if (option->get_positional())
      text += option->get_required() ? " " + option->get_name(true)
                                     : " [" + option->get_name(true) + "]";
  return text;
}

std::string markdown_options(const CLI::App& app) {
  std::string text = "| flag | meaning | default |\n|---|---|---|\n";
  for (const auto* option : app.get_options()) {
    std::string names;
    for (const auto& name : flag_names(*option))
      names += (names.empty() ? "`" : ", `") + name + "`";
    if (names.empty()) names = "`" + option->get_name(true) + "`";
    if (option->get_items_expected_max() > 0 && !option->get_positional())
      names += " " + value_name(*option);
    std::string given = option->get_default_str();
    if (!given.empty()) given = "`" + given + "`";
    std::string row = fmt::format("{} | {} | {}", names, option->get_description(), given);
    std::string escaped;
    for (size_t i = 0; i < row.size(); ++i)
      escaped += row[i] == '\n'                                   ? std::string(" ")
                 : row[i] == '|' && !(i > 0 && row[i - 1] == ' ') ? std::string("\\|")
                                                                  : std::string(1, row[i]);
    text += "| " + escaped + (given.empty() ? "|" : " |") + "\n";
  }
  return text;
}

}  // namespace

std::string man_page(const CLI::App& app) {
  std::string text = heading(dashed(app.get_name()));
  text += fmt::format(".SH NAME\n{} \\- {}\n", roff(dashed(app.get_name())), roff(summary_of(app)));
  text += ".SH SYNOPSIS\n";
  const auto subs = subcommands_of(app);
  if (subs.empty()) text += roff(synopsis_of(app, app.get_name())) + "\n";
  for (const auto* sub : subs)
    text += roff(synopsis_of(*sub, app.get_name() + " " + sub->get_name())) + "\n.br\n";
  text += ".SH DESCRIPTION\n" + roff(app.get_description()) + "\n";
  const Footer footer = footer_of(app);
  for (const auto& note : footer.notes) text += ".PP\n" + roff(note) + "\n";
  text += ".SH OPTIONS\n" + man_options(app);
  for (const auto* sub : subs)
    text += fmt::format(".SS {} {}\n{}\n{}", roff(app.get_name()), roff(sub->get_name()),
                        roff(sub->get_description()), man_options(*sub));
  if (!footer.examples.empty()) {
    text += ".SH EXAMPLES\n.nf\n";
    for (const auto& line : footer.examples) text += roff(line) + "\n";
    text += ".fi\n";
  }
  return text + man_exit_status() + ".SH SEE ALSO\n.BR weir (1)\n";
}

std::string main_man_page() {
  std::string text = heading("weir");
  text +=
      ".SH NAME\nweir \\- measure event\\-streaming pipelines: load, scale, faults\n"
      ".SH SYNOPSIS\nweir COMMAND [OPTIONS]\n"
      ".SH DESCRIPTION\n"
      "weir measures event\\-streaming pipelines (producer, Kafka, stream processor, result): how "
      "much load they carry and at what latency, how that scales with partitions and workers, and "
      "what a failure costs.\n"
      ".SH COMMANDS\n";
  for (const auto& command : commands())
    if (*command.summary)
      text += fmt::format(".TP\n.BR weir\\-{} (1)\n{}\n", command.name, roff(command.summary));
  text +=
      ".SH FILES\n"
      ".TP\n.I runs/\nA folder for each run; \\fIruns/latest\\fR points to the newest, and is what "
      "report, verify, rerun and undo mean when no run is named.\n"
      ".TP\n.I \\(ti/.cache/weir\nWhat weir\\-setup(1) fetched.\n"
      ".SH ENVIRONMENT\n"
      ".TP\n.B WEIR_SECTION_KEY\nA key of the plan, e.g. WEIR_TOPIC_PARTITIONS=8: stronger than "
      "the "
      "plan file, weaker than a flag.\n"
      ".TP\n.B NO_COLOR, CI, TERM\nNo colours with NO_COLOR; no redrawing with CI or TERM=dumb.\n"
      ".TP\n.B GITHUB_STEP_SUMMARY\nWhere a run appends its summary in Markdown.\n";
  return text + man_exit_status();
}

std::string markdown_page(const CLI::App& app) {
  std::string text = fmt::format("# {}\n\n{}\n", app.get_name(), app.get_description());
  const Footer footer = footer_of(app);
  for (const auto& note : footer.notes) text += "\n" + note + "\n";
  const auto subs = subcommands_of(app);
  if (subs.empty()) {
    text += fmt::format("\n```text\n{}\n```\n\n{}", synopsis_of(app, app.get_name()),
                        markdown_options(app));
  }
  for (const auto* sub : subs)
    text += fmt::format("\n## {} {}\n\n{}\n\n```text\n{}\n```\n\n{}", app.get_name(), sub->get_name(),
                        sub->get_description(),
                        synopsis_of(*sub, app.get_name() + " " + sub->get_name()),
                        markdown_options(*sub));
  if (!footer.examples.empty()) {
    text += "\n## Examples\n\n```text\n";
    for (const auto& line : footer.examples) text += line + "\n";
    text += "```\n";
  }
  return text;
}

std::optional<int> answer_hidden(const CLI::App& app, const Arguments& arguments) {
  if (arguments.empty() || !arguments[0].starts_with("__")) return std::nullopt;
  std::string text;
  if (arguments[0] == "__complete")
    text = completions(app, Arguments(arguments.begin() + 1, arguments.end()));
  else if (arguments[0] == "__man")
    text = man_page(app);
  else if (arguments[0] == "__markdown")
    text = markdown_page(app);
  else
    return std::nullopt;
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace weir::cli

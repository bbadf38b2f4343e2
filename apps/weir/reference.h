// What a command tells about itself to shells, manuals and the reference pages, all from the one
// declaration of its flags.
//
// Hidden first arguments that parse() answers before anything else: `__complete WORD... CURRENT`,
// `__man` and `__markdown`. Nothing here has an effect but its output.
#pragma once
#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "apps/weir/commands.h"

namespace weir::cli {

// The exit code when the first argument is one of the hidden ones and was answered.
std::optional<int> answer_hidden(const CLI::App& app, const Arguments& arguments);

// One candidate a line, "word<tab>description", for the last of `words`; a line ":files" asks the
// shell to offer files too.
std::string completions(const CLI::App& app, const Arguments& words);

// Manual page in roff, and the page of docs/reference, of one command.
std::string man_page(const CLI::App& app);
std::string markdown_page(const CLI::App& app);
// weir(1), which lists the commands.
std::string main_man_page();

}  // namespace weir::cli

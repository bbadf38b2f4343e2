// Small pieces of HTML that the report's sections share.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/report/chart.h"
#include "weir/run/results.h"

namespace weir::report {

// One cell: text is escaped; `hint` shows when a pointer rests on it.
struct Cell {
  std::string text, hint, css;
  Cell(std::string words) : text(std::move(words)) {}  // NOLINT: implicit by design
  Cell(const char* words) : text(words) {}             // NOLINT
  Cell(std::string words, std::string why, std::string style = {})
      : text(std::move(words)), hint(std::move(why)), css(std::move(style)) {}
};
using Row = std::vector<Cell>;

// A table; columns from number `numbers_from` on are numbers, set to the right.
std::string table(const Row& head, const std::vector<Row>& rows, size_t numbers_from = 1);
// The same, folded away under `title`.
std::string folded(const std::string& title, const std::string& body);
// A chart with the sentence that says what it shows, under it the numbers when given.
std::string figure(const std::string& caption, const std::string& svg,
                   const std::string& numbers = {});

// A figure as table text, or an en dash with the reason.
Cell number_cell(const run::Figure& value, int decimals, const run::Reasons& why = {},
                 const char* key = "");
// "312 ms", "4.2 ms", "1.35 s": as precise as a reader can use.
std::string milliseconds(double value);
std::string seconds(double value);

// "keeps up" for "keeps_up", and its symbol; each differs by shape, not by colour alone.
std::string verdict_text(const std::string& verdict);
const char* verdict_css(const std::string& verdict);
// "engine killed" for "engine:kill"; other kinds as they are.
std::string fault_text(const std::string& kind);

}  // namespace weir::report

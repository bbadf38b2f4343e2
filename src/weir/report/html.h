// Small pieces of HTML that the report's sections share.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/report/figure.h"
#include "weir/report/numbers.h"
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

// A table; columns from number `numbers_from` on are numbers, set to the right, but for cells with
// the style "wordy".
std::string table(const Row& head, const std::vector<Row>& rows, size_t numbers_from = 1);
// The same, folded away under `title`.
std::string folded(const std::string& title, const std::string& body);
// The place where the page draws a figure: caption, summary in words, what stands behind it, the
// warnings that touch it. Nothing for a figure without data but the sentence that there are none.
std::string place_of(const Figure& figure);
// The place of the figure with this id, or nothing when there is none.
std::string place_of(const std::vector<Figure>& figures, std::string_view id);

// A figure as table text, or an en dash with the reason.
Cell number_cell(const run::Figure& value, int decimals, const run::Reasons& why = {},
                 const char* key = "");
// "keeps up" for "keeps_up", and its symbol; each differs by shape, not by colour alone.
std::string verdict_text(const std::string& verdict);
const char* verdict_css(const std::string& verdict);
// "engine killed" for "engine:kill"; other kinds as they are.
std::string fault_text(const std::string& kind);

}  // namespace weir::report

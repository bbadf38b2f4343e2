#include "weir/report/html.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <string_view>

namespace weir::report {

std::string table(const Row& head, const std::vector<Row>& rows, size_t numbers_from) {
  auto cell = [&](const Cell& c, size_t column, const char* tag) {
    const bool number = column >= numbers_from && c.css != "wordy";
    std::string css = number ? "n" : "";
    if (!c.css.empty()) css += (css.empty() ? "" : " ") + c.css;
    return fmt::format("<{}{}{}>{}</{}>", tag, css.empty() ? "" : " class=\"" + css + "\"",
                       c.hint.empty() ? "" : " title=\"" + escape(c.hint) + "\"", escape(c.text),
                       tag);
  };
  std::string html = "<div class=\"wide\"><table><thead><tr>";
  for (size_t i = 0; i < head.size(); ++i) html += cell(head[i], i, "th");
  html += "</tr></thead><tbody>";
  for (const auto& row : rows) {
    html += "<tr>";
    for (size_t i = 0; i < row.size(); ++i) html += cell(row[i], i, "td");
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string folded(const std::string& title, const std::string& body) {
  return "<details><summary>" + escape(title) + "</summary>" + body + "</details>\n";
}

std::string place_of(const Figure& figure) {
  if (!has_data(figure))
    return "<p class=\"hint\">" + escape(figure.title) + ": no data in this run's folder.</p>\n";
  std::string html = fmt::format("<figure id=\"fig-{}\" class=\"figure\"><figcaption><b>{}.</b> {}",
                                 escape(figure.id), escape(figure.title), escape(figure.caption));
  std::string behind = figure.samples;
  if (!figure.window.empty()) behind += (behind.empty() ? "" : "; ") + figure.window;
  if (!behind.empty()) html += " <span class=\"hint\">" + escape(behind) + ".</span>";
  for (const auto& note : figure.notes)
    html += "<span class=\"note\">! " + escape(note) + "</span>";
  return html + "</figcaption><p class=\"sr-only fig-summary\">" + escape(figure.summary) +
         "</p></figure>\n";
}

std::string place_of(const std::vector<Figure>& figures, std::string_view id) {
  for (const auto& figure : figures)
    if (figure.id == id) return place_of(figure);
  return {};
}

Cell number_cell(const run::Figure& value, int decimals, const run::Reasons& why, const char* key) {
  if (value && std::isfinite(*value)) return grouped(*value, decimals);
  const auto reason = why.find(key);
  return {"–", reason == why.end() ? "not measured" : reason->second};
}

std::string verdict_text(const std::string& verdict) {
  if (verdict == "keeps_up") return "● keeps up";
  if (verdict == "stretched") return "◐ stretched";
  if (verdict == "falls_behind") return "○ falls behind";
  if (verdict == "undecided") return "? undecided";
  if (verdict == "invalid") return "✕ invalid";
  return verdict.empty() ? "–" : verdict;
}

const char* verdict_css(const std::string& verdict) {
  if (verdict == "keeps_up") return "good";
  if (verdict == "falls_behind" || verdict == "invalid") return "bad";
  return "unsure";
}

std::string fault_text(const std::string& kind) {
  static const std::map<std::string_view, std::string_view> words = {
      {"kill", "killed"},
      {"pause", "paused"},
      {"stop", "stopped in order"},
      {"zombie", "replaced, then woken again"},
      {"cut", "cut"},
      {"delay", "delayed"},
      {"throttle", "throttled"},
      {"slow", "slow"},
      {"poison", "malformed"},
      {"lose", "lost"},
      {"full", "full"}};
  const size_t colon = kind.find(':');
  const auto found = colon == std::string::npos
                         ? words.end()
                         : words.find(std::string_view(kind).substr(colon + 1));
  return found == words.end() ? kind : kind.substr(0, colon) + " " + std::string(found->second);
}

}  // namespace weir::report

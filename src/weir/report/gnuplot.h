// Figures for papers: a table and a gnuplot script beside it for each, and what gnuplot makes of
// them. Tables and scripts are the same bytes for the same run.
#pragma once
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/report/figure.h"

namespace weir::report {

// The script that draws <id>.csv of its own folder as <id>.svg, or as pdf or png when gnuplot is
// given -e "format='pdf'"; one or two paper columns wide, without a title. Text of the figure can
// neither end a string nor start a command in it.
std::string gnuplot_script(const Figure& figure, int columns);

// The full path of gnuplot by the PATH given, or empty.
std::string find_gnuplot(const std::string& path);

struct PaperFigures {
  int count = 0;
  std::string remark;  // why there are only tables and scripts; empty when everything was drawn
};
// Writes <folder>/<id>.csv and .gp for each figure and, where `gnuplot` is not empty, has it draw
// each of `formats` (pdf, svg, png). kFailed with gnuplot's own words when it refuses a script.
Result<PaperFigures> write_figures(const std::vector<Figure>& figures, const std::string& folder,
                                   const std::vector<std::string>& formats, int columns,
                                   const std::string& gnuplot);

}  // namespace weir::report

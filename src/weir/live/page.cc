#include "weir/live/page.h"

#include <string_view>

#include "weir/report/assets.h"

namespace weir::live {

// As they stand in page/, embedded when weir is built.
extern const std::string_view kLiveHtml, kLiveCss, kLiveJs;

std::string page() {
  std::string text =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta name=\"color-scheme\" content=\"light dark\">"
      "<link rel=\"icon\" href=\"data:,\"><title>weir</title>\n<style>";
  text.append(report::kUplotCss).append(report::kFigureCss).append(kLiveCss);
  text.append("</style></head><body>\n").append(kLiveHtml);
  text.append("<script>").append(report::kUplotJs).append("</script>\n");
  text.append("<script>").append(report::kFigureJs).append("</script>\n");
  text.append("<script>").append(kLiveJs).append("</script>\n");
  return text.append("</body></html>\n");
}

}  // namespace weir::live

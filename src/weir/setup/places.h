// Where setup looks and keeps things: read from the environment in one place, so that tests can
// point it elsewhere.
#pragma once
#include <string>

namespace weir::setup {

struct Places {
  std::string cache;       // folder of prepared software; need not exist
  std::string path;        // as $PATH: folders of programs, separated by colons
  std::string java_home;   // $JAVA_HOME; empty when unset
  std::string spark_home;  // $SPARK_HOME; empty when unset

  // The cache is `cache` when given, else $WEIR_CACHE, else $XDG_CACHE_HOME/weir, else
  // ~/.cache/weir; made absolute.
  static Places of_environment(const std::string& cache = {});
};

}  // namespace weir::setup

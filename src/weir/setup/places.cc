#include "weir/setup/places.h"

#include <cstdlib>
#include <filesystem>

namespace weir::setup {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string chosen_cache(const std::string& cache) {
  if (!cache.empty()) return cache;
  if (std::string own = variable("WEIR_CACHE"); !own.empty()) return own;
  if (std::string caches = variable("XDG_CACHE_HOME"); !caches.empty()) return caches + "/weir";
  if (std::string home = variable("HOME"); !home.empty()) return home + "/.cache/weir";
  return "/var/tmp/weir-cache";
}

}  // namespace

Places Places::of_environment(const std::string& cache) {
  Places places;
  std::error_code ignored;
  places.cache = std::filesystem::absolute(chosen_cache(cache), ignored).lexically_normal();
  if (places.cache.ends_with('/')) places.cache.pop_back();
  places.path = variable("PATH");
  places.java_home = variable("JAVA_HOME");
  places.spark_home = variable("SPARK_HOME");
  return places;
}

}  // namespace weir::setup

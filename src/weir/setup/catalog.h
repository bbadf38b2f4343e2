// The software that weir prepares: what is fetched from where, and how it is known to be right.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::setup {

// A file as it is downloaded.
struct Pin {
  std::string file, sha256;
};

// A source archive that pip downloads, of which parts are kept.
struct Archive {
  struct Part {
    std::vector<std::string> inside;  // folders in the archive
    int strip = 0;                    // leading path components that are dropped
    std::string into;                 // folder of the prepared software; empty: its top
  };
  std::string requirement;  // as pip reads it: "name==version"
  Pin pin;
  std::vector<Part> parts;
};

struct Software {
  std::string name, title, version;  // "kafka", "Apache Kafka", "3.9.1"
  int java_minimum = 11;
  int64_t download_bytes = 0, prepared_bytes = 0;  // about
  std::optional<Archive> archive;
  std::string dependencies;     // a Maven project's <dependencies>
  std::vector<Pin> jars;        // all that they resolve to
  std::string jars_folder;      // where those go
  std::string manifest_sha256;  // of the prepared folder (tree.h)

  std::string folder() const { return name + "-" + version; }
};

// One broker and the command line tools; without Connect, MirrorMaker and their web servers.
Software apache_kafka();
// Distribution, Python library, Connect server and Kafka source.
Software apache_spark();

}  // namespace weir::setup

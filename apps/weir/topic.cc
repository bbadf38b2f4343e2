// weir topic: create, list, describe and delete topics of any Kafka.
#include <fmt/format.h>

#include <map>

#include "apps/weir/cli.h"
#include "apps/weir/client_flags.h"
#include "weir/kafka/admin.h"
#include "weir/kafka/client_properties.h"

namespace weir::cli {
namespace {

struct TopicFlags {
  ClientFlags client;
  std::string name, positional;
  int partitions = 1, replication = 1;
  bool if_exists = false;
  std::vector<std::string> config;
};

Status create(kafka::Admin& admin, const TopicFlags& flags) {
  kafka::Properties config;
  for (const auto& text : flags.config) WEIR_TRY(kafka::take_assignment("--config", text, config));
  WEIR_TRY(admin.create_topic(flags.name, flags.partitions, flags.replication, config));
  fmt::print("created topic {}: {} partition{}, replication {}\n", flags.name, flags.partitions,
             flags.partitions == 1 ? "" : "s", flags.replication);
  return {};
}

Status list(kafka::Admin& admin) {
  auto topics = WEIR_TRY(admin.topics());
  if (topics.empty()) fmt::print(stderr, "no topics on {}\n", admin.broker_description());
  std::sort(topics.begin(), topics.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  for (const auto& topic : topics) fmt::print("{}\n", topic.name);
  return {};
}

Status describe(kafka::Admin& admin, const TopicFlags& flags) {
  const auto info = WEIR_TRY(admin.topic(flags.name));
  const auto starts = WEIR_TRY(admin.start_offsets(flags.name));
  const auto ends = WEIR_TRY(admin.end_offsets(flags.name));
  fmt::print("topic {}: {} partition{}, replication {}, on {}\n", info.name, info.partitions,
             info.partitions == 1 ? "" : "s", info.replication, admin.broker_description());
  fmt::print("{:>9} {:>15} {:>15} {:>15}\n", "partition", "first offset", "next offset", "records");
  int64_t all = 0;
  for (size_t p = 0; p < ends.size(); ++p) {
    const int64_t records = ends[p] - starts[p];
    all += records;
    fmt::print("{:>9} {:>15} {:>15} {:>15}\n", p, starts[p], ends[p], records);
  }
  fmt::print("{:>9} {:>15} {:>15} {:>15}\n", "all", "", "", all);
  return {};
}

Status remove(kafka::Admin& admin, const TopicFlags& flags) {
  auto deleted = admin.delete_topic(flags.name);
  if (!deleted && flags.if_exists && deleted.error().code == Code::kNotFound) {
    fmt::print("no topic {}\n", flags.name);
    return {};
  }
  if (!deleted) return deleted;
  fmt::print("deleted topic {}\n", flags.name);
  return {};
}

Status run(const CLI::App& app, TopicFlags& flags) {
  if (flags.name.empty()) flags.name = flags.positional;
  const bool named = !app.got_subcommand("list");
  if (named && flags.name.empty())
    return fail(Code::kUsage, "which topic?", "no name was given", "add --topic NAME");
  const auto admin = WEIR_TRY(kafka::Admin::open(WEIR_TRY(client_of(flags.client))));
  if (app.got_subcommand("create")) return create(*admin, flags);
  if (app.got_subcommand("list")) return list(*admin);
  if (app.got_subcommand("describe")) return describe(*admin, flags);
  return remove(*admin, flags);
}

}  // namespace

int topic_command(Arguments arguments) {
  TopicFlags flags;
  CLI::App app("Creates, lists, describes and deletes topics of any Kafka.", "weir topic");
  app.require_subcommand(1);
  const auto verb = [&](const char* name, const char* what, bool named) {
    CLI::App* sub = app.add_subcommand(name, what);
    add_client_flags(*sub, flags.client);
    if (!named) return sub;
    sub->add_option("-t,--topic", flags.name, "the topic's name");
    sub->add_option("name", flags.positional, "the same, without a flag");
    return sub;
  };
  CLI::App* create = verb("create", "create a topic", true);
  create->add_option("-p,--partitions", flags.partitions)
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  create->add_option("--replication-factor,--replication", flags.replication)
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  create->add_option("--config", flags.config, "key=value (repeatable)")->allow_extra_args(false);
  verb("list", "list all topics, one a line", false);
  verb("describe", "show a topic's partitions and offsets", true);
  verb("delete", "delete a topic with all its records", true)
      ->add_flag("--if-exists", flags.if_exists, "a topic that is not there is no error");
  app.footer(
      "examples:\n"
      "  weir topic create events_topic --partitions 4 -b localhost:9092\n"
      "  weir topic describe events_topic\n"
      "  weir topic list -b broker1:9093,broker2:9093 --command-config client.properties");
  if (auto code = parse(app, std::move(arguments))) return *code;
  if (auto done = run(app, flags); !done) return report(done.error());
  return kMet;
}

}  // namespace weir::cli

#include "weir/lab/foreign_broker.h"

#include <fmt/format.h>
#include <sys/statfs.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>

#include "weir/kafka/environment.h"
#include "weir/lab/preflight.h"
#include "weir/sys/process.h"

namespace weir::lab {
namespace {

// A topic keeps twice of what a step may write: nothing that is still to be read is ever removed,
// and a topic that nobody deleted cannot fill a disk.
constexpr double kRetentionShare = 2;
constexpr double kRetentionHoursLeast = 1;

// Every address is of this machine.
bool is_local(const std::string& brokers) {
  for (size_t begin = 0; begin < brokers.size();) {
    const size_t end = std::min(brokers.find(',', begin), brokers.size());
    const std::string each = brokers.substr(begin, end - begin);
    if (!each.starts_with("127.") && !each.starts_with("localhost:") && !each.starts_with("[::1]"))
      return false;
    begin = end + 1;
  }
  return !brokers.empty();
}

// Bytes free where the first of a broker's log folders is; empty when it is not here.
std::optional<double> free_bytes_at(const std::string& log_folders) {
  const std::string first = log_folders.substr(0, log_folders.find(','));
  struct statfs space {};
  if (first.empty() || statfs(first.c_str(), &space) != 0) return std::nullopt;
  return double(space.f_bavail) * double(space.f_bsize);
}

}  // namespace

std::string kafka_version(const std::string& protocol_version) {
  const std::string version = protocol_version.substr(0, protocol_version.find('-'));
  const bool plain = !version.empty() && std::all_of(version.begin(), version.end(), [](char c) {
    return c == '.' || std::isdigit(uint8_t(c));
  });
  return plain && version.find('.') != std::string::npos ? version : "";
}

std::string topic_word(const std::string& id) {
  constexpr size_t kLetters = 80;  // a topic's name has at most 249, and more comes behind
  std::string word = id.substr(0, kLetters);
  for (char& c : word)
    if (!std::isalnum(uint8_t(c)) && c != '.' && c != '_' && c != '-') c = '-';
  return word;
}

ForeignBroker::ForeignBroker(const HostContext& context, kafka::ClientConfig client,
                             kafka::ClusterInfo cluster)
    : context_(context),
      client_(std::move(client)),
      cluster_(std::move(cluster)),
      prefix_("weir-" + topic_word(context.run_id) + "-"),
      bytes_(planned_bytes(context.plan, false)) {}

Result<std::unique_ptr<ForeignBroker>> ForeignBroker::open(const HostContext& context) {
  kafka::ClientConfig client = context.client;
  client.brokers = context.plan.broker;
  auto admin = WEIR_TRY(kafka::Admin::open(client));
  std::unique_ptr<ForeignBroker> host(
      new ForeignBroker(context, std::move(client), WEIR_TRY(admin->cluster())));
  WEIR_TRY(host->check_copies());
  WEIR_TRY(host->check_room());
  return host;
}

std::string ForeignBroker::setting(const char* name) const {
  const auto found = cluster_.settings.find(name);
  return found == cluster_.settings.end() ? "" : found->second;
}

Status ForeignBroker::check_copies() const {
  const int64_t copies = context_.plan.replication;
  const std::string brokers =
      cluster_.brokers == 1 ? "1 broker" : fmt::format("{} brokers", cluster_.brokers);
  if (cluster_.brokers < copies)
    return fail(Code::kUsage, fmt::format("{} copies do not fit on {}", copies, brokers),
                fmt::format("topic.replication is {}, and the cluster at {} has {}", copies,
                            client_.brokers, brokers),
                fmt::format("--set topic.replication={}", cluster_.brokers));
  const int64_t least = std::strtoll(setting("min.insync.replicas").c_str(), nullptr, 10);
  if (least > copies)
    return fail(
        Code::kUsage,
        fmt::format("{} would never acknowledge what is written with acks=all", client_.brokers),
        fmt::format("its min.insync.replicas is {}, and topic.replication is {}", least, copies),
        fmt::format("--set topic.replication={}", std::min<int64_t>(cluster_.brokers, least + 1)));
  return {};
}

// All brokers of a cluster on one machine share its disk.
Status ForeignBroker::check_room() {
  if (!is_local(client_.brokers)) return {};
  free_bytes_ =
      free_bytes_at(setting("log.dirs").empty() ? setting("log.dir") : setting("log.dirs"));
  const double needed = bytes_ * double(context_.plan.replication);
  if (!free_bytes_ || needed <= kDiskShareMax * *free_bytes_) return {};
  return fail(Code::kUsage, "the disk of " + client_.brokers + " is too small for this plan",
              fmt::format("a step may write {:.1f} GB in {} copies and {:.1f} GB are free; weir "
                          "uses at most 70%",
                          needed / 1e9, context_.plan.replication, *free_bytes_ / 1e9),
              "free some space there, shorten load.step, or give load.rates");
}

Status ForeignBroker::restart() {
  return fail(Code::kUsage, "the brokers at " + client_.brokers + " are not weir's to start",
              "weir did not start them", "name the commands for it in the plan's faults");
}

std::string ForeignBroker::asks() const {
  std::string text = fmt::format(
      "The run uses {} ({}). It creates topics {}*, with {} partitions or as many as its steps "
      "name and {} of each event, and deletes them after each step. It writes up to {:.1f} GB at a "
      "time",
      client_.brokers, description(), prefix_, context_.plan.partitions,
      context_.plan.replication == 1 ? "one copy"
                                     : fmt::format("{} copies", context_.plan.replication),
      bytes_ * double(context_.plan.replication) / 1e9);
  text += free_bytes_ ? fmt::format("; {:.0f} GB are free there. ", *free_bytes_ / 1e9)
                      : "; weir cannot see how much room its disks have. ";
  if (context_.plan.replication > 1 && setting("min.insync.replicas") == "1")
    text += "Its min.insync.replicas is 1, so an acknowledged event may be on one broker only. ";
  return text + "Other topics are not touched.";
}

std::map<std::string, std::string> ForeignBroker::topic_settings() const {
  const auto& plan = context_.plan;
  int64_t partitions = plan.partitions;
  for (const int64_t each : plan.scale_partitions) partitions = std::min(partitions, each);
  const double hours = std::max(kRetentionHoursLeast, 2 * plan.budget.seconds() / 3600);
  return {{"retention.bytes", fmt::format("{:.0f}", kRetentionShare * bytes_ /
                                                        double(std::max<int64_t>(partitions, 1)))},
          {"retention.ms", fmt::format("{:.0f}", hours * 3600 * 1000)}};
}

Status ForeignBroker::own(const std::string& topic) {
  Undo undo;
  undo.what = "topic " + topic;
  undo.command = shell_word(context_.program) + " topic delete " + shell_word(topic) +
                 " --if-exists -b " + shell_word(client_.brokers);
  // The guard has what else the client needs from LentEnvironment; for `weir undo`, later, the file
  // is named. Its contents never are.
  if (!context_.plan.command_config.empty())
    undo.environment[kafka::kFileVariable] =
        std::filesystem::absolute(context_.plan.command_config).string();
  own_[topic] = WEIR_TRY_IN("topic " + topic, context_.guard.journal(undo));
  return {};
}

void ForeignBroker::disown(const std::string& topic) {
  const auto found = own_.find(topic);
  if (found == own_.end()) return;
  // An entry that stays open is undone at the end, which is harmless: the topic is gone.
  [[maybe_unused]] const auto settled = context_.guard.settle(found->second);
  own_.erase(found);
}

std::string ForeignBroker::description() const {
  const std::string version = kafka_version(setting("inter.broker.protocol.version"));
  return fmt::format(
      "{}, {}", version.empty() ? "a Kafka cluster" : "Kafka " + version,
      cluster_.brokers == 1 ? "one broker" : fmt::format("{} brokers", cluster_.brokers));
}

bool ForeignBroker::durable() const { return setting("log.flush.interval.messages") == "1"; }

}  // namespace weir::lab

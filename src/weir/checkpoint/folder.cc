#include "weir/checkpoint/folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace weir::checkpoint {
namespace {
using Json = nlohmann::json;

std::optional<int64_t> batch_of(std::string_view name) {
  int64_t batch = -1;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), batch);
  if (parsed.ec != std::errc{} || parsed.ptr != name.data() + name.size()) return std::nullopt;
  return batch;
}

std::string join(const std::string& folder, const std::string& name) { return folder + '/' + name; }

// The folders that get a new entry when `path` is created, outermost first.
std::vector<std::string> parents_to_create(Disk& disk, std::string path) {
  std::vector<std::string> parents;
  while (!disk.exists(path)) {
    const size_t slash = path.rfind('/');
    path = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
    parents.insert(parents.begin(), path);
    if (path == "." || path == "/") break;
  }
  return parents;
}

Result<std::set<int64_t>> batches_in(Disk& disk, const std::string& folder) {
  std::set<int64_t> batches;
  for (const auto& name : WEIR_TRY(disk.list(folder)))
    if (const auto batch = batch_of(name)) batches.insert(*batch);
  return batches;
}

Result<std::string> read_with_sidecar(Disk& disk, const std::string& folder,
                                      const std::string& name) {
  const std::string path = join(folder, name);
  auto bytes = WEIR_TRY(disk.read(path));
  const std::string sidecar = join(folder, "." + name + ".crc");
  if (disk.exists(sidecar) && WEIR_TRY(disk.read(sidecar)) != sidecar_of(bytes))
    return fail(Code::kCorrupt, "cannot trust " + path,
                "its checksum in " + sidecar + " does not match",
                "restore the file from a copy; if only the checksum is stale, remove it");
  return bytes;
}

Json to_object(const Positions& positions) {
  Json object = Json::object();
  for (const auto& [partition, offset] : positions) object[std::to_string(partition)] = offset;
  return object;
}

std::optional<Positions> positions_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_object()) return std::nullopt;
  Positions positions;
  for (const auto& [name, value] : found->items()) {
    const auto partition = batch_of(name);
    if (!partition || *partition < 0 || *partition > INT32_MAX || !value.is_number_integer())
      return std::nullopt;
    positions[int32_t(*partition)] = value.get<int64_t>();
  }
  return positions;
}

std::string output_text(const OutputEnd& end) {
  return Json{{"attempt", end.attempt},
              {"ends", to_object(end.ends)},
              {"input_ends", to_object(end.input_ends)},
              {"row", end.row}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<OutputEnd> parse_output(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto attempt = json.find("attempt");
  const auto row = json.find("row");
  const auto ends = positions_of(json, "ends"), input_ends = positions_of(json, "input_ends");
  if (attempt == json.end() || !attempt->is_number_integer() || row == json.end() ||
      !row->is_string() || !ends || !input_ends)
    return std::nullopt;
  return OutputEnd{attempt->get<int64_t>(), *ends, *input_ends, row->get<std::string>()};
}

std::optional<Query> parse_query(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  Query query;
  const std::pair<const char*, std::string*> fields[] = {{"query", &query.id},
                                                         {"topic", &query.topic},
                                                         {"workload", &query.workload},
                                                         {"output_topic", &query.output_topic}};
  for (const auto& [key, field] : fields) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_string()) return std::nullopt;
    *field = found->get<std::string>();
  }
  return query;
}

std::string query_text(const Query& query) {
  return Json{{"query", query.id},
              {"topic", query.topic},
              {"workload", query.workload},
              {"output_topic", query.output_topic}}
             .dump(-1, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

tl::unexpected<Error> another_query(const std::string& path, const std::string& why) {
  return fail(Code::kUsage, "the checkpoint " + path + " belongs to another query", why,
              "give this query a --checkpoint folder of its own");
}
}  // namespace

Result<Folder> Folder::open(Disk& disk, const std::string& path) {
  Folder folder(disk, path);
  if (auto made = folder.make_and_list(); !made) return tl::unexpected(std::move(made).error());
  WEIR_TRY(folder.load_query_id());
  if (!folder.commits_.empty() &&
      (folder.plans_.empty() || *folder.commits_.rbegin() > *folder.plans_.rbegin()))
    return fail(Code::kCorrupt, "cannot continue from " + path,
                fmt::format("commits/{} is there, offsets/{} is not", *folder.commits_.rbegin(),
                            *folder.commits_.rbegin()),
                "restore the offsets folder, or start with a new checkpoint folder");
  return folder;
}

Status Folder::make_and_list() {
  const auto unusable = [this](Error error) {
    return fail(error.code == Code::kDiskFull ? Code::kDiskFull : Code::kUsage,
                "cannot use the checkpoint folder " + path_, error.what + ": " + error.why,
                "choose a folder that this user may write");
  };
  auto parents = parents_to_create(*disk_, path_);
  const char* folders[] = {"offsets", "commits", "sources/0", "weir/output", "weir"};
  for (const char* name : folders) {
    if (auto made = disk_->make_folders(join(path_, name)); !made) return unusable(made.error());
    if (auto done = clear_temporaries(join(path_, name)); !done) return unusable(done.error());
  }
  if (auto done = clear_temporaries(path_); !done) return unusable(done.error());
  parents.insert(parents.end(), {path_, join(path_, "sources"), join(path_, "weir")});
  for (const auto& name : parents)
    if (auto done = disk_->sync_folder(name); !done) return unusable(done.error());
  plans_ = WEIR_TRY(batches_in(*disk_, join(path_, "offsets")));
  commits_ = WEIR_TRY(batches_in(*disk_, join(path_, "commits")));
  outputs_ = WEIR_TRY(batches_in(*disk_, join(path_, "weir/output")));
  return {};
}

// A woken writer whose temporary file was removed fails in its rename and finds itself fenced.
Status Folder::clear_temporaries(const std::string& folder) {
  for (const auto& name : WEIR_TRY(disk_->list(folder)))
    if (name.starts_with('.') && name.ends_with(".tmp"))
      WEIR_TRY(disk_->remove(join(folder, name)));
  return {};
}

Status Folder::load_query_id() {
  std::optional<Query> noted;
  const std::string note = join(path_, "weir/query.json");
  if (disk_->exists(note)) noted = parse_query(WEIR_TRY(disk_->read(note)));
  const std::string file = join(path_, "metadata");
  if (disk_->exists(file)) {
    auto text = read_with_sidecar(*disk_, path_, "metadata");
    auto id = text ? parse_metadata(*text, file) : tl::unexpected(text.error());
    if (id) {
      query_id_ = *id;
      return {};
    }
    if (!noted && !plans_.empty()) return tl::unexpected(id.error());
  }
  query_id_ = noted && is_uuid(noted->id) ? noted->id : random_uuid();
  return publish(path_, "metadata", metadata_text(query_id_), IfThere::kReplace);
}

Status Folder::claim(const Query& query) {
  const std::string note = join(path_, "weir/query.json");
  std::optional<Query> noted;
  if (disk_->exists(note)) noted = parse_query(WEIR_TRY(disk_->read(note)));
  if (!noted) {
    if (const auto newest = newest_plan())
      if (const auto logged = plan(*newest); logged && logged->topic != query.topic)
        return another_query(path_, "it reads topic " + logged->topic + ", not " + query.topic);
    Query own = query;
    own.id = query_id_;
    return publish(join(path_, "weir"), "query.json", query_text(own), IfThere::kReplace);
  }
  if (noted->topic != query.topic)
    return another_query(path_, "it reads topic " + noted->topic + ", not " + query.topic);
  if (noted->workload != query.workload)
    return another_query(path_, "its workload is " + noted->workload + ", not " + query.workload);
  if (noted->output_topic != query.output_topic)
    return another_query(
        path_, "it writes to topic " + noted->output_topic + ", not " + query.output_topic);
  return {};
}

std::optional<int64_t> Folder::newest_plan() const {
  if (plans_.empty()) return std::nullopt;
  return *plans_.rbegin();
}

Result<std::string> Folder::read_checked(const std::string& folder, const std::string& name) const {
  return read_with_sidecar(*disk_, join(path_, folder), name);
}

Result<Plan> Folder::plan(int64_t batch) const {
  const std::string name = std::to_string(batch);
  return parse_plan(WEIR_TRY(read_checked("offsets", name)), join(path_, "offsets/" + name));
}

Status Folder::check_commit(int64_t batch) const {
  const std::string name = std::to_string(batch);
  return checkpoint::check_commit(WEIR_TRY(read_checked("commits", name)),
                                  join(path_, "commits/" + name));
}

Status Folder::publish(const std::string& folder, const std::string& name, std::string_view bytes,
                       IfThere if_there) {
  const std::string temporary = join(folder, "." + name + "." + instance_ + ".tmp");
  const std::string path = join(folder, name);
  {
    auto file = WEIR_TRY(disk_->open(temporary));
    WEIR_TRY(file->truncate(0));
    WEIR_TRY(file->append(bytes));
    WEIR_TRY(file->sync());
  }
  if (auto renamed = if_there == IfThere::kReplace ? disk_->rename(temporary, path)
                                                   : disk_->rename_new(temporary, path);
      !renamed) {
    (void)disk_->remove(temporary);
    return renamed;
  }
  WEIR_TRY(disk_->remove(join(folder, "." + name + ".crc")));
  return disk_->sync_folder(folder);
}

Status Folder::write_plan(int64_t batch, const Plan& plan) {
  WEIR_TRY(publish(join(path_, "offsets"), std::to_string(batch), plan_text(plan), IfThere::kFail));
  plans_.insert(batch);
  return {};
}

Status Folder::write_commit(int64_t batch) {
  const bool unreadable = has_commit(batch) && !check_commit(batch);
  if (has_commit(batch) && !unreadable) return {};
  const auto written = publish(join(path_, "commits"), std::to_string(batch), commit_text(0),
                               unreadable ? IfThere::kReplace : IfThere::kFail);
  if (!written && written.error().code != Code::kAlreadyExists) return written;
  commits_.insert(batch);
  return {};
}

Status Folder::set_aside_plan(int64_t batch) {
  const std::string folder = join(path_, "offsets"), name = std::to_string(batch);
  WEIR_TRY(disk_->rename(join(folder, name), join(folder, "." + name + ".unreadable")));
  WEIR_TRY(disk_->remove(join(folder, "." + name + ".crc")));
  plans_.erase(batch);
  return disk_->sync_folder(folder);
}

Result<std::optional<std::pair<std::string, Positions>>> Folder::initial() const {
  const std::string file = join(path_, "sources/0/0");
  if (!disk_->exists(file)) return std::nullopt;
  return WEIR_TRY(parse_initial(WEIR_TRY(read_checked("sources/0", "0")), file));
}

Status Folder::write_initial(const std::string& topic, const Positions& positions) {
  const auto written =
      publish(join(path_, "sources/0"), "0", initial_text(topic, positions), IfThere::kFail);
  if (!written && written.error().code != Code::kAlreadyExists) return written;
  return {};
}

namespace {
struct AttemptFile {
  int64_t number = 0;
  std::string instance;
};

std::optional<AttemptFile> parse_attempt(std::string_view text) {
  const size_t line = text.find('\n');
  if (line == std::string_view::npos || !text.ends_with('\n')) return std::nullopt;
  const auto number = batch_of(text.substr(0, line));
  if (!number || *number < 0) return std::nullopt;
  text.remove_prefix(line + 1);
  if (!text.empty()) text.remove_suffix(1);
  return AttemptFile{*number, std::string(text)};
}
}  // namespace

Result<Attempt> Folder::raise_attempt(int64_t at_least) {
  const std::string file = join(path_, "weir/attempt");
  int64_t highest = at_least;
  if (disk_->exists(file))
    if (const auto there = parse_attempt(WEIR_TRY(disk_->read(file))))
      highest = std::max(highest, there->number);
  if (!outputs_.empty())
    if (const auto end = WEIR_TRY(output_at_or_before(*outputs_.rbegin())))
      highest = std::max(highest, end->second.attempt);
  Attempt own{highest + 1, random_uuid()};
  WEIR_TRY(publish(join(path_, "weir"), "attempt",
                   fmt::format("{}\n{}\n", own.number, own.instance), IfThere::kReplace));
  return own;
}

Status Folder::check_owner(const Attempt& attempt) const {
  const auto there = parse_attempt(WEIR_TRY(disk_->read(join(path_, "weir/attempt"))));
  if (there && there->number == attempt.number && there->instance == attempt.instance) return {};
  return fail(Code::kFenced, fmt::format("attempt {} no longer owns {}", attempt.number, path_),
              there ? fmt::format("attempt {} was started on the same checkpoint", there->number)
                    : "weir/attempt was changed by somebody else",
              "nothing; the newer engine carries on. Two queries need two checkpoints");
}

Status Folder::write_output(int64_t batch, const OutputEnd& end) {
  const std::string name = std::to_string(batch), file = join(path_, "weir/output/" + name);
  const bool readable = disk_->exists(file) && parse_output(WEIR_TRY(disk_->read(file)));
  if (!readable)
    WEIR_TRY(publish(join(path_, "weir/output"), name, output_text(end), IfThere::kReplace));
  outputs_.insert(batch);
  return {};
}

Result<std::optional<std::pair<int64_t, OutputEnd>>> Folder::output_at_or_before(
    int64_t batch) const {
  for (auto it = outputs_.upper_bound(batch); it != outputs_.begin();) {
    --it;
    const std::string file = join(path_, "weir/output/" + std::to_string(*it));
    if (auto end = parse_output(WEIR_TRY(disk_->read(file)))) return std::pair(*it, *end);
  }
  return std::nullopt;
}

Status Folder::purge(int64_t newest) {
  const std::pair<const char*, std::set<int64_t>*> logs[] = {
      {"offsets", &plans_}, {"commits", &commits_}, {"weir/output", &outputs_}};
  for (const auto& [name, batches] : logs) {
    while (!batches->empty() && *batches->begin() < newest - kBatchesKept) {
      const std::string folder = join(path_, name), file = std::to_string(*batches->begin());
      WEIR_TRY(disk_->remove(join(folder, file)));
      WEIR_TRY(disk_->remove(join(folder, "." + file + ".crc")));
      batches->erase(batches->begin());
    }
  }
  return {};
}

Result<std::optional<std::pair<int64_t, Plan>>> newest_committed(Disk& disk,
                                                                 const std::string& path) {
  const std::string commits = join(path, "commits");
  if (!disk.exists(commits)) return std::nullopt;
  const auto batches = WEIR_TRY(batches_in(disk, commits));
  if (batches.empty()) return std::nullopt;
  const std::string name = std::to_string(*batches.rbegin());
  const auto text = WEIR_TRY(read_with_sidecar(disk, join(path, "offsets"), name));
  return std::pair(*batches.rbegin(), WEIR_TRY(parse_plan(text, join(path, "offsets/" + name))));
}

}  // namespace weir::checkpoint

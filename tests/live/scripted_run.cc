// A live server whose run is told line by line on stdin, for tests of clients and of the page:
//   read SECOND EXPERIMENT STEP PHASE LEFT OFFERED_EPS PROCESSED_EPS OFFERED PROCESSED P50_MS
//   P99_MS FAULT
//     ("-" for no fault; P50_MS 0: nothing became visible)
//   judge EXPERIMENT STEP VERDICT OFFERED_EPS PROCESSED_EPS P50_MS P99_MS
//   fault STEP NOTICED_S FIRST_OUTPUT_S CURRENT_S
//   end CODE REPORT REASON...
//   finish             waits for the pages that are open, at most two seconds
//   cpu                prints the CPU seconds that the server's thread has used
// Arguments: port (0: any), and seconds that requests and writes may take. Prints the link first,
// and "done" after each line. Ends with stdin.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "weir/live/server.h"
#include "weir/run/results.h"

namespace {
using namespace weir;

void say(const std::string& text) {
  std::fputs((text + "\n").c_str(), stdout);
  std::fflush(stdout);
}

void read(live::Board& board, std::istream& in) {
  live::Reading reading;
  double second = 0, p50 = 0, p99 = 0;
  std::string fault;
  in >> second >> reading.experiment >> reading.step >> reading.phase >> reading.left_s >>
      reading.offered_eps >> reading.processed_eps >> reading.offered >> reading.processed >> p50 >>
      p99 >> fault;
  reading.at = nanos_from_seconds(1'700'000'000 + second);
  reading.backlog = double(reading.offered) - double(reading.processed);
  reading.send_lag_p99_ms = 0.21, reading.send_lag_max_ms = 1.4;
  if (p50 > 0) {
    reading.latency.record(int64_t(p50 * 1000), 980);
    reading.latency.record(int64_t(p99 * 1000), 19);
    reading.latency.record(int64_t(p99 * 1500), 1);
  }
  if (fault != "-") {
    reading.fault = fault;
    reading.fault_at = reading.at;
    reading.fault_target = fault.substr(0, fault.find(':'));
  }
  board.read(reading);
}

void judge(live::Board& board, std::istream& in) {
  live::Judged judged;
  double offered = 0, processed = 0, p50 = 0, p99 = 0;
  in >> judged.experiment >> judged.step >> judged.verdict >> offered >> processed >> p50 >> p99;
  judged.offered_eps = offered, judged.processed_eps = processed;
  if (p50 > 0) judged.p50_ms = p50, judged.p99_ms = p99;
  board.judge(judged);
}

void fault(live::Board& board, std::istream& in) {
  run::Fault fault;
  double noticed = 0, first = 0, current = 0;
  in >> fault.label >> noticed >> first >> current;
  fault.noticed_s = noticed, fault.first_output_s = first, fault.in_band_s = current;
  board.judge_fault(fault);
}

void end(live::Board& board, std::istream& in) {
  live::Ending ending;
  in >> ending.code >> ending.report;
  std::getline(in >> std::ws, ending.reason);
  if (ending.report == "-") ending.report.clear();
  ending.findings = {
      "This pipeline keeps up at 300k events/s (p99 18 ms); at 400k its backlog grows."};
  board.end(ending);
}

// Of the thread with the server's name: its scheduler's first number is nanoseconds on a core.
double server_cpu_seconds() {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    double nanos = 0;
    if (name == "weir-live") std::ifstream(task.path() / "schedstat") >> nanos;
    if (nanos > 0) return nanos / 1e9;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  live::Board board({"demo-1", "demo", "weir broker 0.1.0", "weir stream 0.1.0, 2 workers",
                     "metrics", "0.1.0", nanos_from_seconds(1'700'000'000), 95});
  live::ServerOptions options;
  options.token = "k3v9token";
  if (argc > 1) options.address.port = uint16_t(std::stoi(argv[1]));
  if (argc > 2) options.limits.idle = options.limits.write = nanos_from_seconds(std::stod(argv[2]));
  auto server = live::Server::start(options, board);
  if (!server) {
    say(to_text(server.error()));
    return 1;
  }
  say((*server)->link());
  char line[1024];
  while (std::fgets(line, sizeof line, stdin) != nullptr) {
    std::istringstream in(line);
    std::string word;
    in >> word;
    if (word == "read") read(board, in);
    if (word == "judge") judge(board, in);
    if (word == "fault") fault(board, in);
    if (word == "end") end(board, in);
    if (word == "finish") (*server)->finish(nanos_from_seconds(2));
    say(word == "cpu" ? fmt::format("{}", server_cpu_seconds()) : "done");
  }
  return 0;
}

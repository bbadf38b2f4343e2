// weir broker: a single-node durable Kafka broker in the foreground.
#include "weir/broker/broker.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <thread>

#include "apps/weir/cli.h"

namespace weir::cli {
namespace {

// Signals arrive here and nowhere else; blocked before any thread starts.
Result<Fd> signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, number);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file at its size limit is a failed write, not our end
  Fd fd(signalfd(-1, &set, SFD_CLOEXEC));
  if (!fd) return tl::unexpected(error_from_errno(errno, "wait for", "signals"));
  return fd;
}

int wait_for_signal(const Fd& fd) {
  signalfd_siginfo info{};
  while (::read(fd.get(), &info, sizeof info) != ssize_t(sizeof info)) {
  }
  return int(info.ssi_signo);
}

void note(const std::string& line) { std::fprintf(stderr, "weir broker: %s\n", line.c_str()); }

Result<int> serve(broker::BrokerOptions options) {
  const Fd fd = WEIR_TRY(signals());
  raise_descriptor_limit();
  const std::string data = options.data;
  const auto disk = real_disk();
  SystemClock clock = SystemClock::from_environment();
  const auto broker = WEIR_TRY(broker::Broker::start(*disk, clock, std::move(options)));
  std::string others;
  for (const auto& other : broker->others()) others += ", also on " + other.text();
  std::printf("weir broker ready on %s%s, data in %s\n", broker->address().text().c_str(),
              others.c_str(), data.c_str());
  std::fflush(stdout);
  wait_for_signal(fd);
  WEIR_TRY(broker->stop());
  return kMet;
}

// "LISTEN=TOLD", two addresses.
Result<broker::OtherListener> other_listener(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos)
    return fail(Code::kUsage, "cannot read " + text, "it has no =",
                "write it as HOST:PORT=HOST:PORT, for example 0.0.0.0:9093=kafka.example:9093");
  return broker::OtherListener{WEIR_TRY(Address::parse(std::string_view(text).substr(0, equals))),
                               WEIR_TRY(Address::parse(std::string_view(text).substr(equals + 1)))};
}

}  // namespace

int broker_command(Arguments arguments) {
  CLI::App app("A single-node durable broker that speaks the Kafka protocol.", "weir broker");
  std::string listen = "127.0.0.1:9092", advertise, auto_create = "on";
  std::vector<std::string> also;
  broker::BrokerOptions options;
  options.threads = int(std::clamp(std::thread::hardware_concurrency(), 1u, 2u));
  app.add_option("--listen", listen, "host:port to listen on; port 0 takes a free one")
      ->capture_default_str();
  app.add_option("--data", options.data, "folder that keeps the topics; made when missing")
      ->check([](const std::string& folder) {
        return std::string(folder.empty() ? "--data is empty" : "");
      })
      ->required();
  app.add_option("--partitions", options.default_partitions,
                 "partitions of topics that are made without a number")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--auto-create", auto_create, "make topics that clients ask for: on or off")
      ->check(CLI::IsMember({"on", "off"}))
      ->capture_default_str();
  app.add_option("--advertise", advertise,
                 "host:port told to clients (default: the address they came to)");
  app.add_option("--also-listen", also,
                 "LISTEN=TOLD: one more host:port to listen on, and the one told to clients there");
  app.add_option("--threads", options.threads, "threads that serve connections")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_flag("--discard", options.discard,
               "acknowledge and store nothing: a yardstick for producers, never for data");
  app.footer(
      "examples:\n"
      "  weir broker --data ./broker-data\n"
      "  weir broker --listen 127.0.0.1:0 --data ./broker-data\n"
      "  weir broker --data ./broker-data --auto-create off --partitions 12");
  if (const auto exit = parse(app, std::move(arguments))) return *exit;
  options.auto_create = auto_create == "on";
  options.note = note;
  auto address = Address::parse(listen);
  if (!address) return report(std::move(address).error().in("--listen"));
  options.listen = *address;
  if (!advertise.empty()) {
    auto told = Address::parse(advertise);
    if (!told) return report(std::move(told).error().in("--advertise"));
    options.advertised = *told;
  }
  for (const auto& text : also) {
    auto other = other_listener(text);
    if (!other) return report(std::move(other).error().in("--also-listen"));
    options.others.push_back(std::move(*other));
  }
  const auto served = serve(std::move(options));
  return served ? *served : report(served.error());
}

}  // namespace weir::cli

// The only file that includes Boost: it takes ten seconds to compile.
//
// Asio's fences around handlers are left out: one thread runs them all, what others post is ordered
// by the queue's mutex, and GCC's ThreadSanitizer does not know fences.
#define BOOST_ASIO_DISABLE_FENCED_BLOCK
#include "weir/live/server.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <sstream>
#include <thread>

#include "weir/live/routes.h"

namespace weir::live {
namespace {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = asio::ip::tcp;
using Failure = beast::error_code;

constexpr int kNice = 10;                             // of the server's thread
constexpr int kStreamBuffer = 64 << 10;               // bytes the kernel keeps for a slow stream
constexpr Nanos kHeartbeat = nanos_from_seconds(15);  // finds streams whose reader is gone

std::chrono::nanoseconds span(Nanos nanos) { return std::chrono::nanoseconds(nanos.value); }

// The page holds only its own script and style, shows data as text, and opens the finished report,
// which inherits these rules and brings inline script of its own.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; connect-src 'self' data: blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

template <class Body>
void set_headers(http::response<Body>& response, const Reply& reply) {
  response.result(unsigned(reply.status));
  response.set(http::field::content_type, reply.type);
  response.set(http::field::cache_control, "no-store");
  response.set(http::field::x_frame_options, "DENY");
  response.set("Content-Security-Policy", kPolicy);
  response.set("Referrer-Policy", "no-referrer");  // the address holds the token
  response.set("X-Content-Type-Options", "nosniff");
  if (reply.status == 405) response.set(http::field::allow, "GET");
}

}  // namespace

// These two have names for the linker too, as Server::Thread, which has one, holds them.
class Connection;

// What the connections share; the server's thread alone uses it.
struct Shared {
  const Board& board;
  std::string token;
  Limits limits;
  size_t connections = 0, streams = 0;
  bool finishing = false;                                 // what is left to say is said at once
  std::vector<std::weak_ptr<Connection>> streamers = {};  // some may be gone
};

// One connection: requests one after the other, or a stream of events until it ends. Owned by its
// own pending operations.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Tcp::socket socket, Shared& shared)
      : stream_(std::move(socket)), timer_(stream_.get_executor()), shared_(shared) {
    ++shared_.connections;
    Failure ignored;
    stream_.socket().non_blocking(true, ignored);  // receive() in watch() must not wait
  }
  ~Connection() {
    --shared_.connections;
    if (streaming_) --shared_.streams;
  }
  void start() { read(); }
  // A stream that waits for its next second does so no longer.
  void hurry() {
    if (waiting_) wait();
  }

 private:
  void read() {
    parser_.emplace();
    parser_->header_limit(uint32_t(shared_.limits.head_bytes_max));
    stream_.expires_after(span(shared_.limits.idle));
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](Failure failure, size_t) { self->took(failure); });
  }

  void took(Failure failure) {
    if (failure == http::error::header_limit || failure == http::error::buffer_overflow)
      return refuse(431, "The request's head is too long.\n");
    if (failure.category() == http::make_error_code(http::error::end_of_stream).category() &&
        failure != http::error::end_of_stream && failure != http::error::partial_message)
      return refuse(400, "This is no HTTP request.\n");
    if (failure) return;  // gone, or its time is over
    const auto& head = parser_->get();
    const auto text = [](beast::string_view view) {
      return std::string_view(view.data(), view.size());
    };
    Request request{text(head.method_string()), text(head.target()),
                    text(head[http::field::authorization]), text(head["Last-Event-ID"])};
    Reply reply = answer(request, shared_.board, shared_.token);
    if (reply.events) {
      if (shared_.streams >= shared_.limits.streams_max)
        return refuse(503, "Too many pages are open.\n");
      return begin_stream(reply);
    }
    // A body is never read: the connection ends after the answer.
    const bool bare = !parser_->chunked() && parser_->content_length().value_or(0) == 0;
    write(std::move(reply),
          bare && head.keep_alive() && parser_->get().method() == http::verb::get);
  }

  void refuse(int status, const char* why) {
    write({status, "text/plain; charset=utf-8", why}, false);
  }

  void write(Reply reply, bool keep_alive) {
    response_.emplace();
    response_->version(11);
    set_headers(*response_, reply);
    response_->keep_alive(keep_alive);
    response_->body() = std::move(reply.body);
    response_->prepare_payload();
    stream_.expires_after(span(shared_.limits.write));
    http::async_write(stream_, *response_,
                      [self = shared_from_this(), keep_alive](Failure failure, size_t) {
                        if (failure) return;
                        if (keep_alive) return self->read();
                        self->linger();
                      });
  }

  // Says that nothing more comes and waits a moment for the peer's end: closing a socket with
  // unread bytes would take the answer away from the peer.
  void linger() {
    Failure ignored;
    stream_.socket().shutdown(Tcp::socket::shutdown_send, ignored);
    stream_.expires_after(std::chrono::milliseconds(500));
    drain();
  }
  void drain() {
    stream_.async_read_some(asio::buffer(scratch_),
                            [self = shared_from_this()](Failure failure, size_t) {
                              if (!failure) self->drain();
                            });
  }

  void begin_stream(const Reply& reply) {
    streaming_ = true;
    ++shared_.streams;
    std::erase_if(shared_.streamers, [](const auto& stream) { return stream.expired(); });
    shared_.streamers.push_back(weak_from_this());
    since_ = reply.since;
    Failure ignored;
    stream_.socket().set_option(asio::socket_base::send_buffer_size(kStreamBuffer), ignored);
    http::response<http::empty_body> head;
    head.version(11);
    set_headers(head, reply);
    head.keep_alive(false);  // the stream ends with the connection
    std::ostringstream text;
    text << head;
    text_ = text.str() + "retry: 1000\n\n";
    watch();
    send_event();
  }

  // Notices that the reader went away; what it sends meanwhile is thrown away.
  void watch() {
    stream_.socket().async_wait(Tcp::socket::wait_read, [self =
                                                             shared_from_this()](Failure failure) {
      if (failure) return;
      Failure error;
      const size_t size = self->stream_.socket().receive(asio::buffer(self->scratch_), 0, error);
      if ((error && error != asio::error::would_block) || (!error && size == 0))
        return self->close();
      self->watch();
    });
  }

  void send_event() {
    seen_ = shared_.board.revision();
    text_ += event_text(shared_.board, since_, ended_);
    send();
  }
  void send() {
    silent_ = Nanos();
    stream_.expires_after(span(shared_.limits.write));
    asio::async_write(stream_, asio::buffer(text_),
                      [self = shared_from_this()](Failure failure, size_t) {
                        self->text_.clear();
                        self->stream_.expires_never();
                        if (failure) return self->close();
                        self->wait();
                      });
  }
  void wait() {
    if (closed_) return;  // by its reader, while the write before was on its way
    waiting_ = true;
    const bool at_once = shared_.finishing && !ended_;
    timer_.expires_after(at_once ? span(Nanos()) : span(shared_.limits.update));
    timer_.async_wait([self = shared_from_this()](Failure failure) {
      if (failure) return;
      self->waiting_ = false;
      self->tick();
    });
  }
  void tick() {
    silent_ += shared_.limits.update;
    if (!ended_ && shared_.board.revision() != seen_) return send_event();
    if (silent_ < kHeartbeat) return wait();
    text_ = ": \n\n";
    send();
  }
  void close() {
    closed_ = true;
    timer_.cancel();
    Failure ignored;
    stream_.socket().close(ignored);
  }

  beast::tcp_stream stream_;
  asio::steady_timer timer_;
  Shared& shared_;
  beast::flat_buffer buffer_{16 << 10};
  std::optional<http::request_parser<http::empty_body>> parser_;
  std::optional<http::response<http::string_body>> response_;
  bool streaming_ = false, waiting_ = false, ended_ = false, closed_ = false;
  uint64_t since_ = 0, seen_ = 0;
  Nanos silent_;
  std::string text_;  // what is being written
  std::array<char, 512> scratch_;
};

namespace {

// Children of the run must not inherit a socket: Asio opens none itself here, and copies are made
// close-on-exec.
int copy_of(const Fd& fd) { return fcntl(fd.get(), F_DUPFD_CLOEXEC, 0); }

}  // namespace

class Server::Thread {
 public:
  Thread(const ServerOptions& options, const Board& board, std::vector<Fd> listeners)
      : shared_{board, options.token, options.limits}, poll_(context_) {
    for (auto& listener : listeners) {
      const int watched = copy_of(listener);
      listeners_.push_back({std::move(listener), asio::posix::stream_descriptor(context_),
                            asio::steady_timer(context_)});
      Failure ignored;
      listeners_.back().ready.assign(watched, ignored);
    }
    for (auto& listener : listeners_) accept(listener);
    // Signals are for the run's thread, whose sleep they are to end.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  ~Thread() {
    context_.stop();
    thread_.join();
  }

  void finish(Nanos limit) {
    std::unique_lock lock(mutex_);
    asio::post(context_, [this] {
      shared_.finishing = true;
      for (const auto& stream : shared_.streamers)
        if (const auto open = stream.lock()) open->hurry();
      poll_streams();
    });
    no_streams_.wait_for(lock, span(limit), [this] { return done_; });
  }

 private:
  struct Listener {
    Fd fd;
    asio::posix::stream_descriptor ready;
    asio::steady_timer retry;
  };

  void run() {
    pthread_setname_np(pthread_self(), "weir-live");
    setpriority(PRIO_PROCESS, id_t(syscall(SYS_gettid)), kNice);
    // A handler may run out of memory; its connection ends, the others go on.
    for (;;) {
      try {
        context_.run();
        return;
      } catch (const std::exception&) {
        continue;
      }
    }
  }

  void accept(Listener& listener) {
    listener.ready.async_wait(asio::posix::stream_descriptor::wait_read,
                              [this, &listener](Failure failure) {
                                if (!failure) take(listener);
                              });
  }

  void take(Listener& listener) {
    auto taken = accept_tcp(listener.fd);
    if (!taken) {  // no descriptors left: the run needs them more; look again in a while
      listener.retry.expires_after(span(shared_.limits.update));
      listener.retry.async_wait([this, &listener](Failure failure) {
        if (!failure) accept(listener);
      });
      return;
    }
    if (*taken && shared_.connections < shared_.limits.connections_max) {
      Tcp::socket socket(context_);
      Failure failure;
      const auto local = local_address(**taken);
      const bool six = local && local->host.find(':') != std::string::npos;
      socket.assign(six ? Tcp::v6() : Tcp::v4(), copy_of(**taken), failure);
      if (!failure) std::make_shared<Connection>(std::move(socket), shared_)->start();
    }
    accept(listener);
  }

  void poll_streams() {
    if (shared_.streams == 0) {
      std::lock_guard lock(mutex_);
      done_ = true;
      no_streams_.notify_all();
      return;
    }
    poll_.expires_after(std::chrono::milliseconds(10));
    poll_.async_wait([this](Failure) { poll_streams(); });
  }

  Shared shared_;  // before the context, whose end ends the connections that count here
  asio::io_context context_{1};
  asio::steady_timer poll_;
  std::deque<Listener> listeners_;
  std::mutex mutex_;
  std::condition_variable no_streams_;
  bool done_ = false;  // guarded by mutex_
  std::thread thread_;
};

Server::Server(std::unique_ptr<Thread> thread, std::string link)
    : thread_(std::move(thread)), link_(std::move(link)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, const Board& board) {
  auto listeners = WEIR_TRY_IN("live page", listen_tcp(options.address));
  Address bound = WEIR_TRY(local_address(listeners.front()));
  if (bound.host == "0.0.0.0" || bound.host == "::") bound.host = "127.0.0.1";
  std::string link = "http://" + bound.text() + "/?t=" + options.token;
  auto thread = std::make_unique<Thread>(options, board, std::move(listeners));
  return std::unique_ptr<Server>(new Server(std::move(thread), std::move(link)));
}

void Server::finish(Nanos limit) { thread_->finish(limit); }

std::string new_token() {
  constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyz23456789";  // 5 bits each
  unsigned char random[16] = {};
  // Sixteen bytes never come short from getrandom.
  while (getrandom(random, sizeof random, 0) != ssize_t(sizeof random)) continue;
  std::string token;
  for (const unsigned char byte : random) token += kLetters[byte % 32];
  return token;
}

}  // namespace weir::live

#include "weir/live/routes.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace weir::live {
namespace {
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kToken = "k3v9token";

class Routes : public testing::Test {
 protected:
  Reply get(std::string_view target, std::string_view authorization = "",
            std::string_view last_event_id = "") {
    return answer({"GET", target, authorization, last_event_id}, board_, kToken);
  }
  Board board_{About{"run-1", "load", "b", "e", "metrics", "0.1", Nanos(0), 10}};
};

TEST_F(Routes, TellsNothingButHealthWithoutTheToken) {
  for (const char* target :
       {"/", "/?t=", "/?t=k3v9toke", "/?t=k3v9tokeN", "/?t=k3v9tokenn", "/metrics", "/report.html",
        "/api/v1/snapshot", "/api/v1/events?since=1", "/nothing", "", "*", "/?x=t=k3v9token",
        "/?tt=k3v9token", "//?t", "/metrics?t=%6b3v9token"})
    EXPECT_EQ(get(target).status, 403) << target;
  EXPECT_EQ(get("/metrics", "Bearer k3v9toke").status, 403);
  EXPECT_EQ(get("/metrics", "Basic k3v9token").status, 403);
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(get("/healthz").body, "ok\n");
}

TEST_F(Routes, TakesTheTokenFromTheAddressOrTheHeader) {
  EXPECT_EQ(get("/metrics?t=k3v9token").status, 200);
  EXPECT_EQ(get("/metrics?since=3&t=k3v9token&x").status, 200);
  EXPECT_EQ(get("/metrics", "Bearer k3v9token").status, 200);
  EXPECT_THAT(get("/?t=k3v9token").body, StartsWith("<!doctype html>"));
}

TEST_F(Routes, OnlyGets) {
  for (const char* method : {"HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get", ""})
    EXPECT_EQ(answer({method, "/?t=k3v9token", "", ""}, board_, kToken).status, 405) << method;
}

TEST_F(Routes, KnowsItsPathsToTheLetter) {
  for (const char* target :
       {"/index.html?t=k3v9token", "/../etc/passwd?t=k3v9token", "/metrics/?t=k3v9token",
        "//metrics?t=k3v9token", "http://x/metrics?t=k3v9token", "/%6detrics?t=k3v9token"})
    EXPECT_EQ(get(target).status, 404) << target;
}

TEST_F(Routes, StreamsAfterTheNewestPointThatThePageHas) {
  EXPECT_TRUE(get("/api/v1/events?t=k3v9token").events);
  EXPECT_EQ(get("/api/v1/events?t=k3v9token&since=7").since, 7u);
  EXPECT_EQ(get("/api/v1/events?t=k3v9token&since=7", "", "9").since, 9u);
  for (const char* since : {"-1", "x", "1x", "", "99999999999999999999", "0x10", " 1"})
    EXPECT_EQ(get("/api/v1/snapshot?t=k3v9token&since=" + std::string(since)).status, 400) << since;
}

TEST_F(Routes, GivesTheReportOnceThereIsOne) {
  EXPECT_EQ(get("/report.html?t=k3v9token").status, 404);
  const auto path = std::filesystem::path(testing::TempDir()) / "weir-live-report.html";
  std::ofstream(path) << "<!doctype html>done";
  board_.end({0, "measured", path.string(), {}});
  EXPECT_EQ(get("/report.html?t=k3v9token").body, "<!doctype html>done");
  EXPECT_EQ(get("/report.html").status, 403);
  std::filesystem::remove(path);
  EXPECT_EQ(get("/report.html?t=k3v9token").status, 404);
}

TEST_F(Routes, WritesEventsAsOneLineOfData) {
  Reading reading;
  reading.experiment = "load", reading.step = "1k", reading.phase = "load";
  board_.read(reading);
  uint64_t since = 0;
  bool ended = false;
  const std::string text = event_text(board_, since, ended);
  EXPECT_THAT(text, StartsWith("id: 1\ndata: {\"schema\":\"weir.live/1\""));
  EXPECT_EQ(text.substr(text.size() - 2), "\n\n");
  EXPECT_EQ(since, 1u);
  EXPECT_FALSE(ended);
  board_.end({0, "measured", "", {}});
  EXPECT_THAT(event_text(board_, since, ended), HasSubstr("\"t\":[]"));
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace weir::live

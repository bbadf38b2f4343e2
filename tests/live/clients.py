"""The live server against clients that are curious, slow or hostile: clients.py PROGRAM"""
import json
import os
import re
import select
import socket
import sys
import unittest

import exposition
from scripted import TOKEN, Run, receive, receive_until

PROGRAM = sys.argv.pop(1)
DEPLOY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "deploy")
EVENTS = f"GET /api/v1/events?t={TOKEN} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def open_descriptors(run):
    return len(os.listdir(f"/proc/{run.child.pid}/fd"))


class Clients(unittest.TestCase):
    def setUp(self):
        self.run_ = Run(PROGRAM)
        self.addCleanup(self.run_.__exit__)

    def test_nothing_is_told_without_the_token(self):
        self.run_.read(1)
        for target in ("/", "/metrics", "/api/v1/snapshot", "/api/v1/events", "/report.html", "/secret",
                       f"/?t={TOKEN}x", f"/?t={TOKEN.upper()}", "/?t=", "/?T=" + TOKEN, "/%3ft=" + TOKEN):
            status, head, body = self.run_.get(target)
            self.assertEqual(status, 403, target)
            self.assertNotIn("weir_", body)
            self.assertNotIn(TOKEN, head + body)
        self.assertEqual(self.run_.get("/metrics", "Authorization: Bearer wrong\r\n")[0], 403)
        self.assertEqual(self.run_.get("/metrics", f"Authorization: Bearer {TOKEN}\r\n")[0], 200)
        self.assertEqual(self.run_.get("/healthz")[::2], (200, "ok\n"))

    def test_only_get_is_answered(self):
        for method in ("HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "BREW"):
            answer = self.run_.ask(f"{method} /metrics?t={TOKEN} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            self.assertTrue(answer.startswith(b"HTTP/1.1 405"), method)
            self.assertIn(b"\r\nAllow: GET\r\n", answer)
            self.assertNotIn(b"weir_", answer)
        body = self.run_.ask(f"POST /metrics?t={TOKEN} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
                             .encode() + b"x" * 10000)
        self.assertTrue(body.startswith(b"HTTP/1.1 405"))

    def test_no_path_leads_out(self):
        for path in ("/../../etc/passwd", "/..%2f..%2fetc%2fpasswd", "/report.html/../../etc/passwd",
                     "/./metrics", "//etc/passwd", "/metrics%00", "/page/live.js", "/report.html%2e", "/\\etc"):
            status, _, body = self.run_.get(f"{path}?t={TOKEN}")
            self.assertIn(status, (400, 404), path)
            self.assertNotIn("root:", body)

    def test_headers_keep_the_page_to_itself(self):
        status, head, body = self.run_.get(f"/?t={TOKEN}")
        self.assertEqual(status, 200)
        for line in ("Referrer-Policy: no-referrer", "X-Content-Type-Options: nosniff", "X-Frame-Options: DENY",
                     "Cache-Control: no-store", "default-src 'none'"):
            self.assertIn(line, head)
        for outside in ("src=\"", "http://", "https://", "@import"):
            self.assertNotIn(outside, body.replace("https://github.com/leeoniya/uPlot", ""))
        self.assertLess(len(body), 300_000)

    def test_slow_and_endless_requests_end(self):
        with Run(PROGRAM, "0", "0.5") as run:
            slow = run.connect()
            slow.sendall(b"GET /metrics HTTP/1.1\r\n")
            sent = 0
            while not select.select([slow], [], [], 0.05)[0]:   # a header a while, for as long as it likes
                slow.sendall(b"X-%d: y\r\n" % sent)
                sent += 1
                self.assertLess(sent, 200)
            self.assertEqual(receive(slow), b"")
            silent = run.connect()
            self.assertEqual(receive(silent), b"")
            idle = run.connect()
            idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertIn(b"ok\n", receive(idle))   # answered, then closed after the idle time

    def test_long_heads_and_nonsense_are_refused(self):
        for request, status in ((b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", b"431"),
                                (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 3000 + b"\r\n", b"431"),
                                (b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000, b"431"),
                                (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"400"),
                                (b"GET\r\n\r\n", b"400"), (b"\r\n\r\n\r\n\r\n" * 10 + b"x\r\n\r\n", b"400"),
                                (b"GET / HTTP/9.9\r\n\r\n", b"400"), (b"GET / HTTP/1.1\r\nA\0B: c\r\n\r\n", b"400"),
                                (b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"400"),
                                (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
                                 b"40")):
            answer = self.run_.ask(request)
            self.assertTrue(answer.startswith(b"HTTP/1.1 " + status), (request[:60], answer[:60]))
        self.assertEqual(self.run_.get("/healthz")[0], 200)

    def test_two_requests_in_one_packet_are_both_answered(self):
        with self.run_.connect() as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
            data = receive_until(client, b"ok\n")
            while data.count(b"ok\n") < 2:
                data += client.recv(4096)

    def test_many_connections_leave_the_run_alone(self):
        crowd = [self.run_.connect() for _ in range(300)]
        self.assertEqual(self.run_.read(1), "done")
        self.assertLess(open_descriptors(self.run_), 64 + 30)
        for client in crowd:
            client.close()
        self.eventually(lambda: self.run_.get("/healthz")[0] == 200)

    def eventually(self, condition):
        for _ in range(200):
            try:
                if condition():
                    return
            except (OSError, IndexError):   # closed at once: the crowd is still being cleared
                pass
            select.select([], [], [], 0.05)
        self.fail("did not come to be")

    def test_more_streams_than_allowed_are_refused(self):
        streams = [self.run_.connect() for _ in range(16)]
        for stream in streams:
            stream.sendall(EVENTS)
            receive_until(stream, b"id: 0\n")
        self.assertEqual(self.run_.get(f"/api/v1/events?t={TOKEN}")[0], 503)
        streams[0].close()   # noticed at once: its place is free again
        self.eventually(self.is_streamed)
        for stream in streams[1:]:
            stream.close()

    def is_streamed(self):
        with self.run_.connect() as client:
            client.sendall(EVENTS)
            return b"HTTP/1.1 200" in receive_until(client, b"\r\n\r\n")

    def test_a_reader_that_does_not_read_is_dropped_and_never_delays_the_run(self):
        with Run(PROGRAM, "0", "0.5") as run:
            for second in range(3600):   # an event much larger than what the kernel keeps for a slow reader
                run.read(second)
            before = open_descriptors(run)
            with run.connect(receive_buffer=4096) as stuck:
                stuck.sendall(EVENTS)
                self.eventually(lambda: open_descriptors(run) > before)
                for second in range(3600, 3620):
                    self.assertEqual(run.read(second), "done")
                self.assertIn("weir_run_active 1", run.get(f"/metrics?t={TOKEN}")[2])
                self.eventually(lambda: open_descriptors(run) <= before)

    def test_metrics_are_what_prometheus_reads(self):
        _, head, body = self.run_.get(f"/metrics?t={TOKEN}")
        self.assertIn("Content-Type: text/plain; version=0.0.4; charset=utf-8", head)
        self.assertEqual(exposition.parse(body)["weir_run_active"].value(), 1)
        for second in range(5):
            self.run_.read(second)
        self.run_.read(5, step="engine-kill-1", experiment="faults", fault="engine:kill", count=100)
        metrics = exposition.parse(self.run_.get(f"/metrics?t={TOKEN}")[2])
        self.assertEqual(metrics["weir_events_processed_total"].value(), 400_100)
        self.assertEqual(metrics["weir_event_latency_seconds"].samples[("weir_event_latency_seconds_count", ())], 6000)
        self.assertEqual(metrics["weir_fault_active"].value(fault="engine:kill", target="engine"), 1)
        self.run_.read(6, step="engine-kill-1", experiment="faults", count=200)
        metrics = exposition.parse(self.run_.get(f"/metrics?t={TOKEN}")[2])
        self.assertEqual(metrics["weir_fault_active"].value(fault="engine:kill", target="engine"), 0)
        self.assertEqual(metrics["weir_faults_injected_total"].value(fault="engine:kill", target="engine"), 1)
        self.run_.tell("judge load 100k keeps_up 100000 100000 3.2 8.4")
        metrics = exposition.parse(self.run_.get(f"/metrics?t={TOKEN}")[2])
        self.assertEqual(metrics["weir_steps_total"].value(experiment="load", verdict="keeps_up"), 1)

    def test_the_reader_of_metrics_is_strict(self):
        good = '# HELP a b\n# TYPE a gauge\na{x="1"} 2\n'
        exposition.parse(good)
        for bad in (good[:-1], good + good, good.replace("gauge", "counter"), good + 'a{x="1"} 3\n',
                    good.replace('x="1"', 'x="1"y="2"'), good.replace(" 2", " two"), "a 1\n", good + "\n",
                    good.replace('"1"', '"1'), good + "b 1\n",
                    '# HELP h b\n# TYPE h histogram\nh_bucket{le="1"} 3\nh_bucket{le="+Inf"} 2\nh_sum 1\nh_count 2\n'):
            with self.assertRaises((ValueError, AttributeError), msg=bad):
                exposition.parse(bad)

    def test_the_dashboard_asks_for_metrics_that_there_are(self):
        self.run_.read(1, step="engine-kill-1", experiment="faults", fault="engine:kill")
        self.run_.tell("judge load 100k keeps_up 100000 100000 3.2 8.4")
        metrics = exposition.parse(self.run_.get(f"/metrics?t={TOKEN}")[2])
        with open(os.path.join(DEPLOY, "grafana", "weir.json"), encoding="utf-8") as file:
            text = file.read()
        dashboard = json.loads(text)
        asked = set(re.findall(r"\bweir_[a-z_0-9]+", text))
        self.assertEqual({re.sub("_bucket$", "", name) for name in asked} - set(metrics), set())
        self.assertEqual(set(metrics) - asked, {"weir_run_info", "weir_events_offered_total",
                                                "weir_events_processed_total", "weir_event_latency_seconds"})
        self.assertIn("weir_fault_active", dashboard["annotations"]["list"][0]["expr"])
        labels = {label for _, have in metrics["weir_fault_active"].samples for label, _ in have}
        self.assertEqual(set(re.findall(r"{{(\w+)}}", json.dumps(dashboard["annotations"]))), labels)
        ids = [panel["id"] for panel in dashboard["panels"]]
        self.assertEqual(len(ids), len(set(ids)))

    def test_snapshots_hold_what_came_after_the_number_asked_for(self):
        for second in range(5):
            self.run_.read(second)
        whole = json.loads(self.run_.get(f"/api/v1/snapshot?t={TOKEN}")[2])
        self.assertEqual(whole["schema"], "weir.live/1")
        self.assertEqual(whole["points"]["t"], [0, 1, 2, 3, 4])
        self.assertEqual({len(column) for column in whole["points"].values()}, {5})
        part = json.loads(self.run_.get(f"/api/v1/snapshot?t={TOKEN}&since=3")[2])
        self.assertEqual(part["points"]["t"], [3, 4])
        for since in ("-1", "1e3", "x", "18446744073709551616"):
            self.assertEqual(self.run_.get(f"/api/v1/snapshot?t={TOKEN}&since={since}")[0], 400)

    def test_a_page_that_reconnects_gets_what_it_missed(self):
        self.run_.read(1)
        with self.run_.connect() as first:
            first.sendall(EVENTS)
            receive_until(first, b"id: 1\n")
        self.run_.read(2)
        self.run_.read(3)
        with self.run_.connect() as second:
            second.sendall(EVENTS.replace(b"Host: x", b"Host: x\r\nLast-Event-ID: 1"))
            data = receive_until(second, b"}\n\n")
        event = json.loads(data.split(b"\ndata: ")[1])
        self.assertEqual(event["points"]["t"], [2, 3])
        self.assertEqual(event["newest"], 3)

    def test_the_end_is_told_and_the_server_ends_with_the_run(self):
        stream = self.run_.connect()
        stream.sendall(EVENTS)
        receive_until(stream, b"id: 0\n")
        self.run_.tell("end 0 - measured; no objectives were set")
        data = receive_until(stream, b'"reason":"measured; no objectives were set"')
        self.assertIn(b'"code":0', data)
        self.assertEqual(self.run_.stop(), 0)
        self.assertEqual(receive(stream), b"")
        with self.assertRaises(OSError), socket.create_connection(self.run_.address, timeout=5):
            pass


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"], warnings="ignore")

"""Starts, kills and restarts `weir broker` for the tests, and reads the wire by hand."""
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

WEIR = None          # the program under test: first argument of every test file
START_SECONDS = 10


def main():
    """Takes the program's path off the command line, then runs the tests of the calling file."""
    global WEIR
    WEIR = sys.argv.pop(1)
    sys.modules["broker_process"].WEIR = WEIR
    unittest.main(module="__main__", verbosity=2)


class Broker:
    """One broker process on a folder of its own; the same port for its whole life."""

    def __init__(self, *flags, data=None, prefix=()):
        self.folder = tempfile.mkdtemp(prefix="weir-broker-")
        self.data = data or os.path.join(self.folder, "data")
        self.flags = list(flags)
        self.prefix = list(prefix)
        self.port = 0
        self.process = self.log = None
        self.start()

    def start(self):
        self.close_files()
        self.log = open(os.path.join(self.folder, "log"), "ab")
        self.process = subprocess.Popen(
            self.prefix + [WEIR, "broker", "--listen", f"127.0.0.1:{self.port}", "--data",
                           self.data] + self.flags, stdout=subprocess.PIPE, stderr=self.log)
        line = self.ready_line = self._line(START_SECONDS)
        assert line.startswith("weir broker ready on 127.0.0.1:"), (line, self.log_text())
        self.port = int(line.split(",")[0].rsplit(":", 1)[1])

    def close_files(self):
        for file in (self.log, self.process and self.process.stdout):
            if file:
                file.close()

    def _line(self, seconds):
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        assert ready, "the broker did not get ready: " + self.log_text()
        return self.process.stdout.readline().decode()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def log_text(self):
        with open(os.path.join(self.folder, "log")) as log:
            return log.read()

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    def restart(self):
        self.kill()
        begin = time.monotonic()
        self.start()
        return time.monotonic() - begin

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)

    def close(self):
        if self.process.poll() is None:
            self.kill()
        self.close_files()
        shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        connection.settimeout(10)
        return connection


def python_client(kind, broker, **settings):
    """A client of kafka-python; patient when it probes the broker on a busy machine."""
    return kind(bootstrap_servers=broker.address, api_version_auto_timeout_ms=30000, **settings)


class BrokerTest(unittest.TestCase):
    """A test with a broker of its own in self.broker."""
    FLAGS = ()

    def setUp(self):
        self.broker = Broker(*self.FLAGS)
        self.addCleanup(self.broker.close)

    def kcat(self, *arguments, text=None, seconds=30):
        done = subprocess.run(["kcat", "-b", self.broker.address, *arguments], input=text,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=seconds,
                              encoding="utf-8")
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def consume(self, topic, *arguments):
        return self.kcat("-C", "-t", topic, "-e", "-q", "-o", "beginning",
                         "-X", "fetch.wait.max.ms=20", *arguments).splitlines()

    def until(self, condition, seconds=10, what="the condition"):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = condition()
            if value:
                return value
            select.select([], [], [], 0.01)
        self.fail(f"{what} did not come true within {seconds} s")


def request(key, version, correlation, body, client="test"):
    """A frame with a plain (not flexible) header."""
    name = client.encode()
    payload = struct.pack(">hhih", key, version, correlation, len(name)) + name + body
    return struct.pack(">i", len(payload)) + payload


def read_frame(connection):
    """The next answer: (correlation id, body); None when the broker closed the connection."""
    def exactly(n):
        data = b""
        while len(data) < n:
            try:
                piece = connection.recv(n - len(data))
            except ConnectionError:
                return None
            if not piece:
                return None
            data += piece
        return data
    length = exactly(4)
    if length is None:
        return None
    frame = exactly(struct.unpack(">i", length)[0])
    if frame is None:
        return None
    return struct.unpack(">i", frame[:4])[0], frame[4:]

"""Starts the live server whose run is told by a script (scripted_run.cc), and talks to it in bytes."""
import socket
import subprocess
from urllib.parse import urlsplit

TOKEN = "k3v9token"
WAIT_S = 10


class Run:
    def __init__(self, program, *arguments):
        self.child = subprocess.Popen([program, *arguments], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)
        self.link = self.child.stdout.readline().strip()
        address = urlsplit(self.link)
        assert address.query == "t=" + TOKEN, self.link
        self.address = (address.hostname, address.port)

    def tell(self, line):
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()
        return self.child.stdout.readline().strip()

    def read(self, second, step="100k", rate=100_000, processed=None, experiment="load", phase="load",
             left=5.0, p50=3.2, p99=8.4, fault="-", count=None):
        count = int(second * rate) if count is None else count
        processed = count if processed is None else processed
        return self.tell(f"read {second} {experiment} {step} {phase} {left} {rate} {rate} {count} "
                         f"{processed} {p50} {p99} {fault}")

    def connect(self, receive_buffer=None):
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(WAIT_S)
        client.connect(self.address)
        return client

    def ask(self, request):
        """Sends bytes; everything that comes until the server closes."""
        with self.connect() as client:
            client.sendall(request)
            return receive(client)

    def get(self, target, headers="", method="GET"):
        """Status, headers and body of one request on a connection of its own."""
        answer = self.ask(f"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                          f"{headers}\r\n".encode())
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split(b" ")[1]), head.decode(), body.decode()

    def stop(self):
        self.child.stdin.close()
        self.child.stdout.close()
        return self.child.wait(WAIT_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.stop()


def receive(client):
    data = b""
    try:
        while more := client.recv(65536):
            data += more
    except ConnectionResetError:
        pass
    return data


def receive_until(client, mark, data=b""):
    while mark not in data:
        more = client.recv(65536)
        if not more:
            raise AssertionError(f"the stream ended without {mark}: {data[-300:]}")
        data += more
    return data

"""What the live page costs the run: live_cost.py PROGRAM [SECONDS]

PROGRAM is tests/live's live_scripted_run. It is told four readings a second, as a run tells them; printed is
the share of one core that the server's thread used, without a page, with one and with eight streams open at
one update a second, and with a scrape of /metrics each second. Readings carry a full histogram of a second.
"""
import os
import select
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "live"))
from scripted import TOKEN, Run  # noqa: E402

EVENTS = f"GET /api/v1/events?t={TOKEN} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def share(program, seconds, streams, scrape):
    """Share of a core, and the bytes that one stream received."""
    with Run(program) as run:
        for second in range(600):   # ten minutes of a run lie behind
            run.read(second)
        clients = [run.connect() for _ in range(streams)]
        received = [0]
        for client in clients:
            client.sendall(EVENTS)
        pause, before = threading.Event(), None
        for quarter in range(int(seconds * 4)):
            run.read(600 + quarter / 4, count=int((600 + quarter / 4) * 100_000))
            if scrape and quarter % 4 == 0:
                run.get(f"/metrics?t={TOKEN}")
            if quarter == 8:   # the first event brings all points
                before = float(run.tell("cpu"))
                received[0] = 0
            while ready := select.select(clients, [], [], 0)[0]:
                for client in ready:
                    received[0] += len(client.recv(1 << 20))
            pause.wait(0.25)
        used = float(run.tell("cpu")) - (before or 0)
        for client in clients:
            client.close()
        return used / (seconds - 2), received[0] / max(1, streams) / (seconds - 2)


def main():
    program = sys.argv[1]
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 22
    for name, streams, scrape in (("no page", 0, False), ("one page", 1, False), ("eight pages", 8, False),
                                  ("one page, /metrics each second", 1, True)):
        used, size = share(program, seconds, streams, scrape)
        print(f"{name:32} {100 * used:6.3f}% of a core {size:8.0f} B/s to each page")


if __name__ == "__main__":
    main()

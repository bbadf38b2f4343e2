#!/usr/bin/python3
"""weir produce while its broker dies, and when it is told nonsense."""
import json
import time

from broker_process import main
from produce_process import CLIENTS, ProduceTest


class BrokerKills(ProduceTest):
    def test_every_acked_event_is_stored_exactly_once(self):
        for client in CLIENTS:
            with self.subTest(client):
                self.weir("topic", "create", client, "--partitions", "4")
                load = self.start("produce", "-t", client, "--rate", "5000", "--seconds", "6", "--json",
                                  "-", "-X", f"weir.client={client}")
                for n in range(3):
                    self.until(lambda: self.count(client) >= 4000 * (n + 1), 30, "the load")
                    self.broker.restart()
                summary = json.loads(self.finish(load)[0])
                self.assertEqual((0, 0), (summary["failed"], summary["unknown"]), summary)
                self.assertEqual(30000, summary["acked"])
                ids = [json.loads(value)["event_id"] for value in self.stored(client)]
                self.assertEqual(30000, len(ids))
                self.assertEqual(30000, len(set(ids)))

    def count(self, topic):
        out, _ = self.weir("topic", "describe", topic)
        return int(out.splitlines()[-1].split()[-1])

    def test_outcomes_that_never_come_are_unknown(self):
        for client in CLIENTS:
            load = self.start("produce", "-t", "events", "--rate", "500", "--seconds", "2", "--json", "-",
                              "--drain-seconds", "1", "-X", f"weir.client={client}")
            self.until(lambda: self.count("events") > 0, 30, "the load")
            self.broker.kill()
            summary = json.loads(self.finish(load)[0])
            self.assertEqual(1000, summary["scheduled"])
            self.assertGreater(summary["unknown"], 0)
            self.assertEqual(summary["handed_over"], summary["acked"] + summary["unknown"])
            self.broker.start()
            self.weir("topic", "delete", "events")
            self.weir("topic", "create", "events", "--partitions", "4")

    def test_a_full_queue_refuses_and_the_schedule_goes_on(self):
        load = self.start("produce", "-t", "events", "--rate", "1000", "--seconds", "3", "--json", "-",
                          "--drain-seconds", "20", "-X", "queue.buffering.max.messages=300")
        self.until(lambda: self.count("events") > 0, 30, "the load")
        self.broker.kill()
        begin = time.monotonic()
        self.until(lambda: time.monotonic() > begin + 1.5 or load.poll() is not None)
        self.broker.start()
        summary = json.loads(self.finish(load)[0])
        self.assertEqual(3000, summary["scheduled"])
        self.assertGreater(summary["refused"], 0)
        self.assertEqual(summary["handed_over"], summary["acked"])


class BadInput(ProduceTest):
    def refused(self, *arguments):
        out, err = self.weir(*arguments, status=2)
        self.assertIn("why:", err)
        self.assertIn("try:", err)
        return err

    def test_is_told_in_three_parts_with_exit_2(self):
        for client in CLIENTS:
            use = ("-X", f"weir.client={client}")
            self.assertIn("weir topic create",
                          self.refused("produce", "-t", "nowhere", "--events", "1", *use))
            begin = time.monotonic()
            self.assertIn("127.0.0.1:1",
                          self.refused("produce", "-b", "127.0.0.1:1", "--events", "1", *use))
            self.assertLess(time.monotonic() - begin, 20)
        self.assertIn("--rate", self.refused("produce", "-t", "events", "--rat", "5"))
        self.assertIn("max", self.refused("produce", "-t", "events", "--rate", "fast"))
        self.refused("produce", "-t", "events", "--rate", "0")
        self.refused("produce", "-t", "events", "--acks", "2")
        self.refused("produce", "-t", "events", "-X", "novalue")
        self.refused("produce", "-t", "events", "-X", "no.such.key=1")
        self.refused("produce", "-t", "events", "-X", "linger.ms=soon")
        self.refused("produce", "-t", "events", "-X", "weir.client=other")
        self.refused("produce", "-t", "events", "--events", "1", "--out", "/proc/nowhere")
        self.assertNotIn("nowhere", self.weir("topic", "list")[0])

    def test_an_output_folder_is_not_written_over(self):
        self.produce("--events", "5", "--out", self.path("out"))
        self.refused("produce", "-t", "events", "--events", "5", "--out", self.path("out"))


if __name__ == "__main__":
    main()

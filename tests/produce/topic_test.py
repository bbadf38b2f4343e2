#!/usr/bin/python3
"""weir topic, with both Kafka clients."""

from broker_process import main
from produce_process import CLIENTS, ProduceTest


class Topic(ProduceTest):
    def test_creates_lists_describes_and_deletes(self):
        for client in CLIENTS:
            with self.subTest(client):
                self.check_life(("-X", f"weir.client={client}"))

    def check_life(self, use):
        out, _ = self.weir("topic", "create", "--topic", "new", "--partitions", "3", "--config",
                           "retention.ms=60000", *use)
        self.assertIn("created topic new: 3 partitions", out)
        self.assertEqual(["events", "new"], self.weir("topic", "list", *use)[0].split())
        self.kcat("-P", "-t", "new", "-p", "1", text="one\ntwo\n")
        out, _ = self.weir("topic", "describe", "new", *use)
        self.assertIn("3 partitions", out)
        self.assertEqual(["1", "0", "2", "2"], out.splitlines()[3].split())
        _, err = self.weir("topic", "create", "new", *use, status=2)
        self.assertIn("exists already", err)
        self.assertIn("deleted topic new", self.weir("topic", "delete", "new", *use)[0])
        for verb in ("describe", "delete"):
            _, err = self.weir("topic", verb, "new", *use, status=2)
            self.assertIn("does not exist", err)
        _, err = self.weir("topic", "create", "bad/name", *use, status=2)
        self.assertIn("try:", err)

    def test_a_name_and_a_verb_are_needed(self):
        self.weir("topic", "describe", status=2)
        self.weir("topic", "explode", status=2)


if __name__ == "__main__":
    main()

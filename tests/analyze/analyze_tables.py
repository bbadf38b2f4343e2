"""weir analyze against the origin's formulas, written down here once more in pandas."""
import csv
import glob
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

import pandas

WEIR = sys.argv.pop(1)
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")
SEVEN = ["batch_id", "epoch_sec", "batch_events", "mean_latency_ms", "p50_latency_ms",
         "p95_latency_ms", "p99_latency_ms"]
START = 1_795_348_000


def read_as_pandas(folder):
    """All rows below a folder, as the origin reads them: by name, coerced, bad rows dropped."""
    frames = []
    for path in sorted(glob.glob(os.path.join(folder, "**", "*.csv"), recursive=True)):
        try:
            frames.append(pandas.read_csv(path))
        except Exception:
            continue
    rows = pandas.concat(frames, ignore_index=True)[SEVEN]
    rows = rows.apply(pandas.to_numeric, errors="coerce")
    rows = rows.dropna(subset=["epoch_sec", "batch_events", "p95_latency_ms"])
    return rows.sort_values("epoch_sec")


def load_row(rows, rate, warmup, measure, trigger):
    first = rows["epoch_sec"].min() + warmup
    used = rows[(rows["epoch_sec"] >= first) & (rows["epoch_sec"] < first + measure)]
    if len(used) < 5:
        used = rows[rows["epoch_sec"] >= first]
    throughput = used["batch_events"] / trigger
    return [rate, len(used), throughput.mean(), throughput.quantile(0.95),
            used["mean_latency_ms"].mean(), used["p50_latency_ms"].mean(),
            used["p95_latency_ms"].mean(), used["p99_latency_ms"].mean(),
            used["p95_latency_ms"].max()]


def batch(number, epoch, events=5000, p95=4700.0):
    return [number, epoch, events, p95 / 1.9, p95 / 1.9, p95, p95 * 1.06]


def noisy_run(seed, rows=70, trigger=5):
    generator = random.Random(seed)
    return [batch(i, START + trigger * i + generator.randint(0, 1), generator.randint(100, 60000),
                  generator.uniform(900, 9000)) for i in range(rows)]


class Analyze(unittest.TestCase):
    def setUp(self):
        self.base = tempfile.mkdtemp(prefix="weir-analyze-")
        self.out = os.path.join(self.base, "out")

    def tearDown(self):
        shutil.rmtree(self.base, ignore_errors=True)

    def folder(self, *parts):
        path = os.path.join(self.base, *parts)
        os.makedirs(path, exist_ok=True)
        return path

    def write(self, path, rows, header=SEVEN):
        with open(path, "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([header] + rows)

    def write_run(self, folder, rows):
        """One file per batch in Spark's manner, beside what Spark leaves about."""
        for number, row in enumerate(rows):
            self.write(os.path.join(folder, f"part-00000-{number:04}-c000.csv"), [row])
        for name in ("_SUCCESS", "._SUCCESS.crc", ".part-00000-0000-c000.csv.crc"):
            open(os.path.join(folder, name), "w").close()

    def analyze(self, *arguments, code=0):
        done = subprocess.run([WEIR, "analyze", *arguments], capture_output=True, text=True,
                              timeout=60)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def analyze_real(self, *flags):
        return self.analyze(os.path.join(DATA, "exp1"), "--out", self.out, *flags)

    def table(self, name, folder=None):
        with open(os.path.join(folder or self.out, name + ".csv"), newline="") as file:
            return list(csv.reader(file))

    def assert_row(self, got, want):
        self.assertEqual(len(got), len(want))
        for cell, value in zip(got, want):
            if isinstance(value, str):
                self.assertEqual(cell, value)
            elif math.isnan(value):
                self.assertEqual(cell, "")
            else:
                self.assertTrue(math.isclose(float(cell), value, rel_tol=1e-9), (got, want))

    def test_reproduces_the_expected_table_to_nine_digits(self):
        self.analyze_real("--warmup", "15", "--measure", "35")
        path = os.path.join(DATA, "expected_summary_warmup15_measure35.csv")
        with open(path, newline="") as file:
            want = list(csv.reader(file))
        got = self.table("exp1_summary")
        self.assertEqual(got[0], want[0])
        self.assertEqual(len(got), len(want))
        for row, expected in zip(got[1:], want[1:]):
            self.assertEqual(row[:2], expected[:2])
            self.assert_row(row, [float(cell) for cell in expected])

    def test_a_short_measure_falls_back_to_all_after_warm_up(self):
        self.analyze_real("--warmup", "15", "--measure", "15")
        for row in self.table("exp1_summary")[1:]:
            rows = read_as_pandas(os.path.join(DATA, "exp1", "rate_" + row[0]))
            self.assert_row(row, load_row(rows, float(row[0]), 15, 15, 5))
        windows = [row["window"] for row in self.dicts("exp1_corrected")]
        self.assertEqual(windows, ["all after warm-up"] * 4)

    def dicts(self, name, folder=None):
        header, *rows = self.table(name, folder)
        return [dict(zip(header, row)) for row in rows]

    def test_corrects_the_real_runs(self):
        self.analyze_real("--warmup", "15", "--measure", "35")
        rows = {row["rate_eps_input"]: row for row in self.dicts("exp1_corrected")}
        self.assertEqual([rows[r]["p95_shows"] for r in ("1000", "5000")], ["trigger only"] * 2)
        self.assertEqual(rows["20000"]["p95_shows"], "above the trigger")
        # 604,399 events of the six batches after the first, in the 32 s between the rows.
        self.assertAlmostEqual(float(rows["20000"]["throughput_eps_by_time"]), 602399 / 32, 6)
        self.assertGreater(float(rows["20000"]["reported_over_measured"]), 1.2)
        self.assertEqual(rows["1000"]["true_mean_ms"], "")

    def test_agrees_with_pandas_on_random_runs(self):
        for seed, rate in enumerate((200, 3000, 45000)):
            self.write_run(self.folder("exp1", f"rate_{rate}"), noisy_run(seed))
        for flags in ([], ["--warmup", "30", "--measure", "100", "--trigger-seconds", "2.5"],
                      ["--warmup", "0", "--measure", "3"]):
            self.analyze(os.path.join(self.base, "exp1"), "--out", self.out, *flags)
            warmup, measure, trigger = ([float(f) for f in flags[1::2]] + [5.0])[:3] if flags else (
                120, 240, 5)
            table = self.table("exp1_summary")[1:]
            self.assertEqual([row[0] for row in table], ["200", "3000", "45000"])
            for row in table:
                rows = read_as_pandas(os.path.join(self.base, "exp1", "rate_" + row[0]))
                self.assert_row(row, load_row(rows, float(row[0]), warmup, measure, trigger))

    def test_scale_takes_the_configurations_that_exist(self):
        self.write_run(self.folder("results", "exp1", "rate_8000"), noisy_run(1))
        self.write_run(self.folder("results", "exp2", "kafka_partitions_6"), noisy_run(2))
        self.write_run(self.folder("results", "exp2", "kafka12_spark_local8"), noisy_run(3))
        done = self.analyze(os.path.join(self.base, "results"), "--out", self.out)
        got = self.table("exp2_summary")
        self.assertEqual(got[0], ["configuration", "batches_used", "throughput_eps_mean",
                                  "lat_p95_ms_avg", "lat_p95_ms_max"])
        labels = {"Partitions=3 (baseline)": "exp1/rate_8000",
                  "Partitions=6": "exp2/kafka_partitions_6",
                  "Partitions=12 + Spark local[8]": "exp2/kafka12_spark_local8"}
        self.assertEqual([row[0] for row in got[1:]], list(labels))
        for row in got[1:]:
            rows = read_as_pandas(os.path.join(self.base, "results", labels[row[0]]))
            used = rows[rows["epoch_sec"] >= rows["epoch_sec"].min() + 120]
            self.assert_row(row, [row[0], len(used), (used["batch_events"] / 5).mean(),
                                  used["p95_latency_ms"].mean(), used["p95_latency_ms"].max()])
        self.assertIn("Load, by the origin's formulas", done.stdout)
        # The experiment's own folder finds its baseline beside it.
        self.analyze(os.path.join(self.base, "results", "exp2"), "--out", self.out)
        self.assertEqual(self.table("exp2_summary"), got)

    def test_scale_has_neither_upper_limit_nor_fallback(self):
        self.write_run(self.folder("exp2", "kafka_partitions_12"), noisy_run(4, rows=26))
        self.analyze(os.path.join(self.base, "exp2"), "--out", self.out, "--measure", "1")
        self.assertEqual(self.table("exp2_summary")[1][1], "2")

    def test_recovery_is_the_row_after_the_largest_gap(self):
        rows = [batch(i, START + 5 * i, p95=4700 + i) for i in range(20)]
        rows += [batch(19, START + 190, 470000, 91000.0), batch(20, START + 195, 40000, 9000.0)]
        rows += [batch(21 + i, START + 200 + 5 * i) for i in range(10)]
        random.Random(5).shuffle(rows)
        self.write_run(self.folder("results", "exp3", "recovery_test"), rows)
        self.analyze(os.path.join(self.base, "results"), "--out", self.out)
        (row,) = self.dicts("exp3_recovery")
        self.assertEqual(row, {"run": "recovery_test", "gap_sec": "95.0", "batch_id": "19",
                               "epoch_sec": f"{START + 190}.0", "p95_latency_ms": "91000.0"})
        (row,) = self.dicts("exp3_corrected")
        self.assertEqual(row["usual_gap_sec"], "5.0")
        self.assertEqual(row["gap_minus_usual_sec"], "90.0")
        self.assertEqual(row["caught_up_sec"], "105.0")
        self.assertEqual(row["batches_repeated"], "1")
        self.assertEqual(row["batches_missing"], "0")
        for folder in ("results/exp3", "results/exp3/recovery_test"):
            self.analyze(os.path.join(self.base, folder), "--out", self.out)
            self.assertEqual(self.table("exp3_recovery")[1][1:3], ["95.0", "19"])

    def test_reports_and_skips_what_the_origin_skips(self):
        good = [batch(i, START + 5 * i) for i in range(60)]
        folder = self.folder("exp1", "rate_100")
        self.write_run(folder, good)
        deep = self.folder("exp1", "rate_100", "copied", "again")
        self.write(os.path.join(deep, "bad_rows.csv"),
                   [["x"] + batch(1, START + 200)[1:], [2, "soon"] + batch(2, 0)[2:],
                    [3, START + 205, "", 1, 1, 1, 1], [4, START + 210, 10, 1, 1, "nan", 1],
                    [5, START + 215, 7, "", "", 1, ""]])
        self.write(os.path.join(deep, "foreign_columns.csv"),
                   [batch(70, START + 220) + ["note"]], SEVEN + ["remark"])
        self.write(os.path.join(deep, "other.csv"), [[1, 2]], ["second", "cpu"])
        self.write(os.path.join(deep, "too_wide.csv"), [batch(71, START + 225), batch(72, 1) + [9]])
        open(os.path.join(deep, "empty.csv"), "w").close()
        with open(os.path.join(deep, "crlf_quotes.csv"), "w", newline="") as file:
            file.write("\ufeff" + ",".join(f'"{c}"' for c in SEVEN) + "\r\n\r\n"
                       + ",".join(f'"{v}"' for v in batch(73, START + 230)) + "\r\n")
        with open(os.path.join(deep, "noise.csv"), "wb") as file:
            file.write(bytes(random.Random(1).randrange(256) for _ in range(5000)))
        self.folder("exp1", "rate_200")
        self.folder("exp1", "rate_fast")
        done = self.analyze(os.path.join(self.base, "exp1"), "--out", self.out)
        (row,) = self.table("exp1_summary")[1:]
        self.assert_row(row, load_row(read_as_pandas(folder), 100.0, 120, 240, 5))
        for words in ("copied/again/bad_rows.csv: 3 rows without", "columns ignored: remark",
                      "other.csv: no column epoch_sec, skipped", "empty.csv: empty, skipped",
                      "too_wide.csv: line 3 has 8 cells, the header 7: file skipped",
                      "rate_200: no readable batch, left out"):
            self.assertIn(words, done.stderr)

    def test_reads_what_weir_stream_writes(self):
        header = SEVEN + ["seed_mean_latency_ms", "seed_p50_latency_ms", "seed_p95_latency_ms",
                          "seed_p99_latency_ms", "attempt", "trigger_ms", "planned_us",
                          "committed_us"]
        rows = []
        for i in range(40):
            planned = (START + i) * 1_000_000
            rows.append([i, START + i, 1000, 620.0, 600.0, 1100.0, 1150.0, 500.0, 500.0, 950.0,
                         990.0, 1, 1000, planned, planned + 120_000])
        self.write(os.path.join(self.folder("out_of_stream"), "batches.csv"), rows, header)
        done = self.analyze(os.path.join(self.base, "out_of_stream"), "--warmup", "10", "--measure",
                            "20", "--trigger-seconds", "1", "--out", self.out)
        (seed,) = self.dicts("exp1_summary")
        self.assertEqual(seed["lat_p95_ms_avg"], "950.0")    # by the origin's formula
        (ours,) = self.dicts("exp1_corrected")
        self.assertEqual(ours["true_mean_ms"], "620.0")
        self.assertEqual(ours["throughput_eps_low"], ours["throughput_eps_high"])
        self.assertAlmostEqual(float(ours["throughput_eps_by_time"]), 1000, 6)
        self.assertEqual(ours["p95_shows"], "trigger only")
        self.assertNotIn("ignored", done.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.out, "exp3_recovery.csv")))
        # The origin's reader sees the seven columns there, too.
        self.assertEqual(len(read_as_pandas(os.path.join(self.base, "out_of_stream"))), 40)

    def test_writes_beside_the_data_unless_told_otherwise_and_reads_it_not_again(self):
        folder = self.folder("exp3")
        self.write_run(folder, [batch(i, START + 5 * i) for i in range(9)])
        first = self.analyze(folder)
        self.assertTrue(os.path.exists(os.path.join(folder, "analysis", "exp3_recovery.csv")))
        again = self.analyze(folder)
        self.assertEqual(first.stdout, again.stdout)
        self.assertEqual(again.stderr, "")

    def test_names_runs_that_end_within_the_warm_up(self):
        done = self.analyze_real()
        self.assertIn("rate_1000: no batch is left after 120 s of warm-up, the run has 56 s",
                      done.stderr)
        self.assertEqual(self.table("exp1_summary")[1], ["1000", "0"] + [""] * 7)
        self.assertIn("4 have no batch left after warm-up", done.stdout.splitlines()[-1])

    def test_says_what_is_wrong_in_three_parts(self):
        missing = self.analyze(os.path.join(self.base, "nowhere"), code=2)
        empty = self.analyze(self.folder("empty"), code=2)
        no_file = self.analyze(os.path.join(DATA, "exp1"), "--out", "/dev/null/out", code=2)
        for done in (missing, empty, no_file):
            self.assertRegex(done.stderr, r"weir: .+\n  why: .+\n  try: .+\n")
        self.assertIn("did you mean --warmup?", self.analyze("x", "--warmpu", "3", code=2).stderr)
        self.analyze(code=2)
        self.analyze("x", "--trigger-seconds", "0", code=2)


if __name__ == "__main__":
    unittest.main(verbosity=2)

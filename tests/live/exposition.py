"""A strict reader of Prometheus' text exposition format 0.0.4: parse(text) -> {name: Family}.

Raises ValueError, naming the line, for whatever the format does not allow, and for what would mislead:
a family without HELP or TYPE, samples apart from their family, a series twice, counters that do not end
in _total, histograms whose buckets are not cumulative or do not end with +Inf equal to _count.
"""
import math
import re
from dataclasses import dataclass, field

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|(?=\}))')
VALUE = re.compile(r"[-+]?(\d+(\.\d*)?([eE][-+]?\d+)?|Inf)|NaN")
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("", "_sum", "_count")}


@dataclass
class Family:
    kind: str = ""
    help: str = ""
    samples: dict = field(default_factory=dict)   # (name, labels as sorted tuple) -> value

    def value(self, **labels):
        """The one sample with exactly these labels."""
        found = [v for (_, have), v in self.samples.items() if dict(have) == labels]
        if len(found) != 1:
            raise ValueError(f"{len(found)} samples have the labels {labels}")
        return found[0]


def labels_of(text, line):
    labels, at = {}, 0
    while at < len(text):
        found = LABEL.match(text + "}", at)
        if not found:
            raise ValueError(f"labels: {line}")
        if found[1] in labels:
            raise ValueError(f"label {found[1]} twice: {line}")
        labels[found[1]] = re.sub(r'\\(["\\n])', lambda m: "\n" if m[1] == "n" else m[1], found[2])
        at = found.end()
    return labels


def parse(text):
    if not text.endswith("\n"):
        raise ValueError("the last line has no end")
    families, current = {}, None
    for line in text[:-1].split("\n"):
        if line.startswith("#"):
            word, name, rest = re.fullmatch(r"# (HELP|TYPE) (\S+) (.+)", line).groups()
            if word == "HELP":
                if name in families or not NAME.fullmatch(name):
                    raise ValueError(f"family twice or misnamed: {line}")
                current = families[name] = Family(help=rest)
                current_name = name
            elif name != current_name or current.kind or current.samples:
                raise ValueError(f"TYPE apart from its HELP: {line}")
            elif rest not in ("counter", "gauge", "histogram", "summary", "untyped"):
                raise ValueError(f"no such type: {line}")
            else:
                current.kind = rest
            continue
        found = re.fullmatch(r"([^\s{]+)(?:\{(.*)\})? (\S+)", line)
        if not found or not current or not current.kind:
            raise ValueError(f"not a sample of a family: {line!r}")
        name, labels, value = found[1], labels_of(found[2] or "", line), found[3]
        if name not in [current_name + s for s in SUFFIXES.get(current.kind, ("",))]:
            raise ValueError(f"not of the family {current_name}: {line}")
        if not VALUE.fullmatch(value):
            raise ValueError(f"value: {line}")
        key = (name, tuple(sorted(labels.items())))
        if key in current.samples:
            raise ValueError(f"series twice: {line}")
        current.samples[key] = float(value)
    for name, family in families.items():
        check(name, family)
    return families


def check(name, family):
    if not family.kind or not family.help:
        raise ValueError(f"{name} has no TYPE or no HELP")
    if (family.kind == "counter") != name.endswith("_total"):
        raise ValueError(f"{name} is a {family.kind}")
    if family.kind == "counter" and any(v < 0 or math.isnan(v) for v in family.samples.values()):
        raise ValueError(f"{name} is negative")
    if family.kind != "histogram":
        return
    buckets = [(float(dict(labels)["le"]), value) for (sample, labels), value in family.samples.items()
               if sample.endswith("_bucket")]
    bounds, counts = zip(*buckets)
    if list(bounds) != sorted(set(bounds)) or bounds[-1] != math.inf:
        raise ValueError(f"{name}: bounds do not ascend to +Inf")
    if list(counts) != sorted(counts):
        raise ValueError(f"{name}: buckets are not cumulative")
    if counts[-1] != family.samples[(name + "_count", ())]:
        raise ValueError(f"{name}: _count is not the last bucket")

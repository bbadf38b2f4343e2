"""The banned calls and words, each with its reason and an example that it must catch."""
import re
from dataclasses import dataclass


@dataclass
class Rule:
    pattern: str      # searched in code without comments and string literals (calls), or in any text
    reason: str
    example: str
    where: str = r"^(src|apps|tests|bench|fuzz)/"   # the paths it holds for
    but: str = r"^$"                                # and those that may

    def __post_init__(self):
        self.regex = re.compile(self.pattern)
        assert self.regex.search(self.example), f"rule {self.pattern} misses its own example"

    def holds_for(self, path):
        return re.search(self.where, path) and not re.search(self.but, path)


OURS = r"^(src|apps)/"
PRODUCT = r"^src/.*(?<!_test)(?<!_bench)\.(cc|h)$"

CALLS = [
    Rule(r"\b(std::)?s?rand\(", "one hidden seed for all: take a seeded generator by constructor",
         "int x = rand();"),
    Rule(r"this_thread::sleep_|\b(u|nano|clock_nano)sleep\(|(?<![\w.:>])sleep\(",
         "time passes only through sys/clock, and tests wait for conditions, not for times",
         "std::this_thread::sleep_for(1s);",
         but=r"^src/weir/(sys/clock|engine/fake_cluster)"),   # the fake's poll waits as a real one does
    Rule(r"(?<![\w.:>])(std::)?(system|popen)\(", "a shell in between: start processes with sys/process",
         'system("ls");', where=OURS),
    Rule(r"\b(v?sprintf|strcpy|strcat|gets|strtok)\(", "writes past ends: use fmt or std::string",
         "strcpy(a, b);"),
    Rule(r"\b(std::)?(atoi|atol|atoll|atof)\(", "takes any text for 0: use std::from_chars",
         "int n = atoi(text);", where=OURS),
    Rule(r"std::(cout|cerr|clog)\b|#include <iostream>",
         "modules return data, commands print it, with fmt or stdio", "std::cout << x;", where=OURS),
    Rule(r"(?<!\w)(std::)?(printf|puts|putchar)\(", "modules return data, commands print it",
         'printf("%d", x);', where=PRODUCT),
    Rule(r"\bthrow\b", "nothing throws across a module: return Result, or WEIR_CHECK for a bug",
         "throw Failed();", where=PRODUCT),
    Rule(r"\bexit\(|\babort\(|\bquick_exit\(", "only main ends the process, and WEIR_CHECK on a bug",
         "exit(1);", where=PRODUCT, but=r"^src/weir/(base/check|sys/process)"),
    Rule(r"\.detach\(\)", "a detached thread outlives what it works on: own and join it",
         "thread.detach();"),
    # steady_clock may bound a wait: such a time is in no result.
    Rule(r"(system|high_resolution)_clock::now|\bclock_gettime\((?!CLOCK_(THREAD|PROCESS)_CPUTIME)"
         r"|\bgettimeofday\(|[^\w.>]time\((NULL|nullptr|0)\)",
         "time comes from the Clock that the constructor was given", "t = time(nullptr);",
         where=PRODUCT, but=r"^src/weir/(sys/|kafka/native_producer)"),   # a record's CreateTime is wall time
    Rule(r"\b(get_?)?[iI]nstance\(\)\s*\{", "no singletons: main makes one and passes it",
         "static Registry& instance() { return r; }"),
]

PYTHON_CALLS = [
    Rule(r"time\.sleep\((?!0?\.0)", "a test waits for a condition; a pause between two looks is < 0.1 s",
         "time.sleep(1)", where=r"\.py$", but=r"^tests/tidy/rules\.py$"),
]

# Searched in every text file, comments and strings included.
TEXT = [
    Rule(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b", "finish it, or leave it out", "// TO" "DO: later",
         where=r".", but=r"^LICENSE$"),
    Rule(r"(?i)\bnot (yet )?implem" r"ented\b", "what is not there is not offered", "not implem" "ented",
         where=r"."),
    Rule(r"(?<![\w.$}])/(wo" r"rk|fa" r"rm|ro" r"ot|ho" r"me)/", "a path of one machine",
         '"/ro' 'ot/x"', where=r"."),
    Rule(r"(?i)\bissue #\d", "the project speaks for itself", "see iss" "ue #3", where=r"."),
    Rule(r"[ \t]+$", "trailing blanks", "x ", where=r"\.(cc|h|py|cmake|txt|md|sh|toml)$|^dev$"),
    Rule(r"\t", "tabs show differently everywhere", "\tx", where=r"\.(cc|h|py|cmake|txt|md|sh|toml)$|^dev$"),
]

LINES_MAX = 600

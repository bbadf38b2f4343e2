#!/usr/bin/python3
"""docs/reference and docs/schema, made from the program itself.

reference.py PROGRAM SOURCE          fails when a page is not what the program tells (the test)
reference.py PROGRAM SOURCE --write  writes the pages
"""
import json
import os
import subprocess
import sys

PROGRAM, SOURCE = map(os.path.abspath, sys.argv[1:3])


def weir(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=True,
                          env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"}).stdout


def cell(text):
    return text.replace("|", "\\|")


def pages():
    commands = [line.split("\t") for line in weir("__complete", "").splitlines()]
    index = ("# Reference\n\nMade from the program: `tests/surface/reference.py build/dev/weir . --write`.\n\n"
             "- [plan.md](plan.md): every key of a plan\n- [words.md](words.md): warnings and words of "
             "results\n- [../schema/result.schema.json](../schema/result.schema.json): `result.json` as a "
             "JSON Schema\n\n| command | what it does |\n|---|---|\n")
    found = {}
    for name, summary in commands:
        index += f"| [weir {name}](weir-{name}.md) | {cell(summary)} |\n"
        found[f"weir-{name}.md"] = weir(name, "__markdown")
    found["README.md"] = index
    plan = ("# Keys of a plan\n\nA plan is TOML, every key may be left out. Stronger first: a flag, the "
            "environment, the file, the default. `weir config` shows what holds and where it comes from.\n\n"
            "| key | type | default | meaning |\n|---|---|---|---|\n")
    for key, facts in json.loads(weir("config", "--json", "-")).items():
        plan += f"| `{key}` | {facts['type']} | `{cell(facts['value'])}` | {cell(facts['meaning'])} |\n"
    found["plan.md"] = plan + "\nThe environment's name of `load.rates` is `WEIR_LOAD_RATES`, and so on.\n"
    words = "# Warnings and words of results\n\n| word | meaning | effect | what to do |\n|---|---|---|---|\n"
    for line in weir("explain").splitlines():
        word = line.split()[0]
        meaning, effect, remedy = weir("explain", word).rstrip("\n").split("\n")
        words += "| `{}` | {} | {} | {} |\n".format(word, *(cell(part) for part in (
            meaning.split(": ", 1)[1], effect.split(": ", 1)[1], remedy.split(": ", 1)[1])))
    found["words.md"] = words
    return found


def main():
    folder = os.path.join(SOURCE, "docs/reference")
    wanted = pages()
    stale = [name for name in os.listdir(folder) if name not in wanted] if os.path.isdir(folder) else []
    problems = [f"{name}: no command tells of it" for name in stale]
    for name, text in wanted.items():
        path = os.path.join(folder, name)
        if "--write" in sys.argv:
            os.makedirs(folder, exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            continue
        there = open(path, encoding="utf-8").read() if os.path.exists(path) else ""
        if there != text:
            problems.append(f"docs/reference/{name} is not what the program tells")
    if "--write" in sys.argv:
        for name in stale:
            os.remove(os.path.join(folder, name))
    elif problems:
        print("\n".join(problems))
        print("make them again: tests/surface/reference.py PROGRAM . --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

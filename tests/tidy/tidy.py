"""Checks the project's own rules: tidy.py includes|headers|calls|text --source DIR --build DIR.

includes  each #include of a module stands in its USES list in src/CMakeLists.txt, without a cycle
headers   each header compiles alone
calls     no banned call (rules.py says which, and why)
text      no banned word; no source file is longer than it should be; no reference to a page that is missing
"""
import argparse
import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import rules

SOURCE = re.compile(r"\.(cc|h)$")
LITERALS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
    re.S)


def project_files(source):
    """Paths, relative to `source`, of everything that is or would be committed."""
    try:
        listed = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others",
             "--exclude-standard"], cwd=source, check=True, capture_output=True).stdout.decode()
        paths = listed.split("\0")
    except (OSError, subprocess.CalledProcessError):   # a source archive: no git there
        paths = [os.path.relpath(os.path.join(folder, name), source)
                 for folder, _, names in os.walk(source) for name in names]
        paths = [p for p in paths if not re.match(r"(build|runs|\.git)/", p)]
    return sorted(p for p in paths if p and os.path.isfile(os.path.join(source, p)))


def read(source, path):
    with open(os.path.join(source, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def code_only(text):
    """`text` with comments and literals blanked out, lines kept."""
    def blank(match):
        found = match.group(0)
        quotes = '""' if found[0] in 'R"' else ""
        return quotes + "\n" * found.count("\n")
    return LITERALS.sub(blank, text)


def module_table(source):
    """module -> the modules it may include, as src/CMakeLists.txt declares; fails on a cycle."""
    table, problems = {}, []
    text = re.sub(r"#[^\n]*", "", read(source, "src/CMakeLists.txt"))
    for arguments in re.findall(r"weir_module\(([^)]*)\)", text):
        name, *words = arguments.split()
        uses, taking = [], False
        for word in words:
            if word in ("USES", "LIBS"):
                taking = word == "USES"
            elif taking:
                uses.append(word)
        for used in uses:
            if used not in table:
                problems.append(f"src/CMakeLists.txt: {name} uses {used}, which does not come before it")
        table[name] = uses
    return table, problems


def check_includes(source, _build):
    table, problems = module_table(source)
    for path in project_files(source):
        parts = path.split("/")
        if not (path.startswith("src/weir/") and SOURCE.search(path)):
            continue
        module = parts[2]
        if module not in table:
            problems.append(f"{path}: module {module} is not declared in src/CMakeLists.txt")
            continue
        for number, line in enumerate(read(source, path).splitlines(), 1):
            found = re.match(r'\s*#\s*include\s+["<]((?:weir|apps)/[^">]+)[">]', line)
            if not found:
                continue
            included = found.group(1).split("/")
            if included[0] == "apps":
                problems.append(f"{path}:{number}: a module may not know the program around it")
            elif included[1] != module and included[1] not in table[module]:
                problems.append(f"{path}:{number}: {module} may not use {included[1]}; "
                                f"it may use {', '.join(table[module]) or 'no other'}")
    return problems, f"{len(table)} modules"


def compile_flags(build):
    """module (or weir, the program) -> compiler and flags of one of its files, from
    compile_commands.json. The files of a module are compiled together, so no file names it."""
    flags = {}
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        for entry in json.load(file):
            module = re.search(r" -o \S*CMakeFiles/(?:weir_)?(\w+)\.dir/", entry["command"])
            words = shlex.split(entry["command"])
            if os.path.basename(words[0]) == "ccache":
                words = words[1:]
            kept, skip = [words[0]], False
            for word in words[1:]:
                if skip or word in ("-c", "-o"):
                    skip = word == "-o"
                elif word != entry["file"]:
                    kept.append(word)
            if module:
                flags.setdefault(module.group(1), kept)
    return flags


def check_headers(source, build):
    """Every header compiles alone, and twice: it includes what it uses, and guards itself."""
    flags = compile_flags(build)
    todo, problems = [], []
    for path in project_files(source):
        if path.endswith(".h") and path.startswith("src/weir/"):
            todo.append((path[len("src/"):], flags[path.split("/")[2]]))
        elif path.endswith(".h") and path.startswith("apps/weir/"):
            todo.append((path, flags["weir"]))

    def compile_alone(job):
        name, command = job
        done = subprocess.run(command + ["-fsyntax-only", "-x", "c++", "-"], capture_output=True,
                              input=f'#include "{name}"\n#include "{name}"\n'.encode())
        return [] if done.returncode == 0 else [f"{name} does not compile alone:\n"
                                                 + done.stderr.decode(errors="replace")[:2000]]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(compile_alone, todo):
            problems += found
    return problems, f"{len(todo)} headers"


def findings(path, text, some_rules):
    active = [rule for rule in some_rules if rule.holds_for(path)]
    for number, line in enumerate(text.splitlines(), 1):
        for rule in active:
            found = rule.regex.search(line)
            if found:
                yield f"{path}:{number}: {found.group(0).strip() or 'blank'}: {rule.reason}"


def check_calls(source, _build):
    problems, files = [], 0
    for path in project_files(source):
        if SOURCE.search(path):
            problems += findings(path, code_only(read(source, path)), rules.CALLS)
        elif path.endswith(".py"):
            problems += findings(path, read(source, path), rules.PYTHON_CALLS)
        else:
            continue
        files += 1
    return problems, f"{files} files, {len(rules.CALLS) + len(rules.PYTHON_CALLS)} rules"


def dead_references(path, text, present):
    """Pages that `text` names, by docs/... or in Markdown by a relative link, and that do not exist."""
    named = set(re.findall(r"\bdocs/[\w/.-]+\.md\b", text))
    if path.endswith(".md"):
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
            named.add(os.path.normpath(os.path.join(os.path.dirname(path), target)))
    for page in sorted(named):
        if page not in present and not any(p.startswith(page + "/") for p in present):
            yield f"{path}: {page} does not exist"


def check_text(source, _build):
    problems, files = [], 0
    present = set(project_files(source))
    for path in sorted(present):
        with open(os.path.join(source, path), "rb") as file:
            if b"\0" in file.read(8192):
                continue
        text = read(source, path)
        files += 1
        if path != "tests/tidy/rules.py":
            problems += findings(path, text, rules.TEXT)
            problems += dead_references(path, text, present)
        lines = text.count("\n")
        if lines > rules.LINES_MAX and re.search(r"\.(cc|h|py|sh)$", path):
            problems.append(f"{path}: {lines} lines; cut it by concept (at most {rules.LINES_MAX})")
        if text and not text.endswith("\n") and re.search(r"\.(cc|h|py|md|txt)$", path):
            problems.append(f"{path}: no newline at its end")
    return problems, f"{files} files"


def main():
    checks = {"includes": check_includes, "headers": check_headers, "calls": check_calls,
              "text": check_text}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("check", choices=checks)
    parser.add_argument("--source", default=".")
    parser.add_argument("--build", default="build/dev")
    arguments = parser.parse_args()
    problems, looked_at = checks[arguments.check](os.path.abspath(arguments.source), arguments.build)
    for problem in problems:
        print(problem)
    print(f"tidy {arguments.check}: {len(problems)} problems; {looked_at}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

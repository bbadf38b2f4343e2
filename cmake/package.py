#!/usr/bin/python3
"""package.py --program FILE --source DIR --out DIR [--deb FILE]: the tarball that brings its own libraries.

Beside it: what it is made of (CycloneDX 1.5, from dpkg's own records) and SHA256SUMS. What stays
outside is glibc (2.36 or newer), whose loader and name service belong to the system.
"""
import argparse
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile

GLIBC = re.compile(r"^(ld-linux.*|lib(c|m|dl|rt|pthread|resolv|util|anl|mvec|nsl|nss_.*))\.so")

SEARCH_PATH = b"$ORIGIN/../lib/weir"


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def libraries(program):
    """name -> path of every shared library the program needs, directly or not, but glibc's."""
    found = {}
    for line in output("ldd", program).splitlines():
        match = re.match(r"\s*(\S+) => (\S+) \(", line)
        if "not found" in line:
            raise SystemExit(f"package.py: {line.strip()}")
        if match and not GLIBC.match(match.group(1)):
            found[match.group(1)] = match.group(2)
    return found


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() if hasattr(hashlib, "file_digest") \
            else hashlib.sha256(file.read()).hexdigest()


def package_of(path):
    """The Debian package, its version and architecture, that owns a file; also before /usr merged."""
    real = os.path.realpath(path)
    for name in (real, re.sub(r"^/usr(/lib)", r"\1", real)):
        asked = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True)
        if asked.returncode == 0:
            owner = asked.stdout.split(": ")[0].split(",")[0]
            package, version, arch = output(
                "dpkg-query", "-W", "-f", "${Package} ${Version} ${Architecture}", owner).split()
            return package, version, arch
    return None


def component(name, path):
    entry = {"type": "library", "name": name, "hashes": [{"alg": "SHA-256", "content": sha256(path)}]}
    owner = package_of(path)
    if owner:
        package, version, arch = owner
        entry |= {"version": version, "purl": f"pkg:deb/debian/{package}@{version}?arch={arch}"}
    return entry


def bill(version, program, libs, source):
    parts = [component(name, path) for name, path in sorted(libs.items())]
    for folder, _, files in os.walk(os.path.join(source, "src/weir/report")):
        for name in files:
            match = re.match(r"uPlot.*\.js$", name)
            if match:
                path = os.path.join(folder, name)
                parts.append({"type": "library", "name": "uPlot",
                              "hashes": [{"alg": "SHA-256", "content": sha256(path)}],
                              "licenses": [{"license": {"id": "MIT"}}]})
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
            "metadata": {"component": {"type": "application", "name": "weir", "version": version,
                                       "hashes": [{"alg": "SHA-256", "content": sha256(program)}],
                                       "licenses": [{"license": {"id": "Apache-2.0"}}]}},
            "components": parts}


def end_search_path(path):
    """CMake pads the search path with an empty entry, which would mean the current folder."""
    with open(path, "rb+") as file:
        program = file.read()
        if SEARCH_PATH not in program:
            raise SystemExit("package.py: the program does not look for libraries beside it; build it again")
        file.seek(0)
        file.write(program.replace(SEARCH_PATH + b":\0", SEARCH_PATH + b"\0\0"))


def lay_out(top, program, libs, source):
    for folder in ("bin", "lib/weir", "share/weir", "share/man/man1", "share/completions"):
        os.makedirs(os.path.join(top, folder))
    subprocess.run(["strip", "-o", f"{top}/bin/weir", program], check=True)
    end_search_path(f"{top}/bin/weir")
    for name, path in libs.items():
        shutil.copyfile(os.path.realpath(path), f"{top}/lib/weir/{name}")
    for name in ("LICENSE", "README.md", "CHANGELOG.md"):
        shutil.copy(os.path.join(source, name), top)
    for name in ("weir.bash", "_weir"):
        shutil.copy(os.path.join(source, "completions", name), f"{top}/share/completions")
    shutil.copytree(os.path.join(source, "plans"), f"{top}/share/weir/plans")
    if os.path.isdir(os.path.join(source, "deploy/grafana")):
        shutil.copytree(os.path.join(source, "deploy/grafana"), f"{top}/share/weir/grafana")
    subprocess.run([os.path.join(source, "cmake/man_pages.sh"), program, f"{top}/share/man/man1"],
                   check=True)


def write_tar(top, name, out):
    """Sorted, of no owner and of one time, so that the same input gives the same bytes."""
    def plain(entry):
        entry.uid = entry.gid = entry.mtime = 0
        entry.uname = entry.gname = "root"
        entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
        return entry
    with open(out, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as packed, \
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        entries = [top] + sorted(os.path.join(f, n) for f, d, names in os.walk(top) for n in d + names)
        for path in entries:
            tar.add(path, arcname=name + path[len(top):], recursive=False, filter=plain)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for flag in ("--program", "--source", "--out"):
        parser.add_argument(flag, required=True)
    parser.add_argument("--deb", default=[], action="append", help="also into SHA256SUMS")
    asked = parser.parse_args()
    program, source, out = map(os.path.abspath, (asked.program, asked.source, asked.out))
    version = json.loads(output(program, "version", "--json", "-"))["weir"]
    name = f"weir-{version}-linux-{os.uname().machine}"
    os.makedirs(out, exist_ok=True)
    top = os.path.join(out, name)
    shutil.rmtree(top, ignore_errors=True)
    libs = libraries(program)
    lay_out(top, program, libs, source)
    document = json.dumps(bill(version, program, libs, source), indent=2) + "\n"
    for path in (f"{top}/sbom.cdx.json", f"{out}/{name}.sbom.cdx.json"):
        with open(path, "w", encoding="utf-8") as file:
            file.write(document)
    write_tar(top, name, f"{out}/{name}.tar.gz")
    shutil.rmtree(top)
    files = [f"{name}.tar.gz", f"{name}.sbom.cdx.json"] + [os.path.basename(d) for d in asked.deb]
    with open(f"{out}/SHA256SUMS", "w", encoding="utf-8") as sums:
        for each in files:
            sums.write(f"{sha256(os.path.join(out, each))}  {each}\n")
    print("\n".join(os.path.join(out, each) for each in files + ["SHA256SUMS"]))


if __name__ == "__main__":
    main()

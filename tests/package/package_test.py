#!/usr/bin/python3
"""The .deb goes into a clean root and out again; the tarball starts where only glibc is."""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

PROGRAM, SOURCE, BUILD = map(os.path.abspath, sys.argv[1:4])
VERSION = json.loads(subprocess.run([PROGRAM, "version", "--json", "-"], capture_output=True,
                                    text=True, check=True).stdout)["weir"]
GLIBC = ("ld-linux-x86-64.so.2", "libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1",
         "libresolv.so.2")


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, **more)
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


def files_below(root, *parts):
    top = os.path.join(root, *parts)
    return sorted(os.path.relpath(os.path.join(folder, name), root)
                  for folder, _, names in os.walk(top) for name in names)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)


@unittest.skipUnless(shutil.which("cpack") and shutil.which("dpkg-shlibdeps"), "no cpack or dpkg-dev")
class DebianPackage(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        run("cpack", "--config", BUILD + "/CPackConfig.cmake", "-G", "DEB", cwd=cls.folder)
        cls.deb = os.path.join(cls.folder, f"weir_{VERSION}_amd64.deb")

    def field(self, name):
        return run("dpkg-deb", "-f", self.deb, name).strip()

    def test_it_says_what_it_needs_and_what_goes_well_with_it(self):
        self.assertEqual(self.field("Version"), VERSION)
        for needed in ("libc6", "librdkafka1", "libstdc++6"):
            self.assertIn(needed, self.field("Depends"))
        self.assertEqual(self.field("Recommends"), "gnuplot-nox, default-jre-headless")

    @unittest.skipUnless(os.getuid() == 0, "dpkg --root changes root, which needs root")
    def test_it_goes_into_a_clean_root_and_leaves_nothing_behind(self):
        root = os.path.join(self.folder, "root")
        os.makedirs(root + "/var/lib/dpkg/updates")
        open(root + "/var/lib/dpkg/status", "w").close()
        # What it depends on is not in the root; that Debian has it is what Depends was made from.
        dpkg = ["dpkg", "--root=" + root, "--force-depends", "--force-script-chrootless"]
        run(*dpkg, "-i", self.deb)
        there = files_below(root, "usr")
        for path in ("usr/bin/weir", "usr/share/man/man1/weir.1.gz", "usr/share/man/man1/weir-run.1.gz",
                     "usr/share/bash-completion/completions/weir", "usr/share/zsh/vendor-completions/_weir",
                     "usr/share/weir/plans/laptop.toml", "usr/share/weir/grafana/weir.json",
                     "usr/share/doc/weir/copyright"):
            self.assertIn(path, there)
        self.assertIn(VERSION, run(root + "/usr/bin/weir", "version"))
        run(*dpkg, "--purge", "weir")
        self.assertEqual(files_below(root, "usr"), [])


class Tarball(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        run("/usr/bin/python3", SOURCE + "/cmake/package.py", "--program", PROGRAM, "--source", SOURCE,
            "--out", cls.folder)
        cls.name = f"weir-{VERSION}-linux-{os.uname().machine}"

    def test_its_checksums_and_contents_are_what_they_say(self):
        with open(self.folder + "/SHA256SUMS", encoding="utf-8") as sums:
            for line in sums:
                digest, name = line.split()
                with open(os.path.join(self.folder, name), "rb") as file:
                    self.assertEqual(hashlib.sha256(file.read()).hexdigest(), digest, name)
        with tarfile.open(f"{self.folder}/{self.name}.tar.gz") as tar:
            inside = {os.path.basename(n): hashlib.sha256(tar.extractfile(n).read()).hexdigest()
                      for n in tar.getnames() if "/lib/weir/" in n}
            bill = json.load(tar.extractfile(f"{self.name}/sbom.cdx.json"))
        self.assertEqual((bill["bomFormat"], bill["specVersion"]), ("CycloneDX", "1.5"))
        told = {c["name"]: c for c in bill["components"]}
        for name, digest in inside.items():
            self.assertEqual(told[name]["hashes"][0]["content"], digest)
            self.assertRegex(told[name]["purl"], r"^pkg:deb/debian/.+@.+\?arch=")
        self.assertIn("librdkafka.so.1", inside)

    def test_it_starts_where_nothing_but_glibc_is(self):
        root = os.path.join(self.folder, "bare")
        os.makedirs(root + "/lib64")
        os.makedirs(root + "/lib/x86_64-linux-gnu")
        for name in GLIBC:
            place = "lib64" if name.startswith("ld-") else "lib/x86_64-linux-gnu"
            shutil.copy(os.path.realpath(f"/lib/x86_64-linux-gnu/{name}"), f"{root}/{place}/{name}")
        with tarfile.open(f"{self.folder}/{self.name}.tar.gz") as tar:
            tar.extractall(root)
        chroot = ["/usr/sbin/chroot"]
        if os.getuid() != 0:
            chroot = ["/usr/bin/unshare", "--user", "--map-root-user", *chroot]
        # Through the loader by name: it learns the program's folder from /proc, which is not here.
        weir = [*chroot, root, "/lib64/ld-linux-x86-64.so.2", f"/{self.name}/bin/weir"]
        self.assertIn(VERSION, run(*weir, "version", env={}))
        self.assertIn("schema", run(*weir, "config", env={}))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)

#!/usr/bin/env bash
# Tries the project as a newcomer would: unpacks a minimal Debian 12 (only git and bash), clones the
# last commit into it and runs COMMAND there; without one ./dev test and ./dev demo. As root.
#
# The bare system is made once (build/fresh/debian.tar) from the apt sources of this machine, whose
# apt settings and certificates it borrows. Each call starts from a new copy of it, in a mount
# namespace of its own, so that nothing stays mounted and removing the copy cannot reach this system.
# usage: fresh.sh [COMMAND...]
set -euo pipefail
project=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
readonly folder=$project/build/fresh
readonly base=$folder/debian.tar root=$folder/root

if [ "$(id -u)" != 0 ]; then
  printf 'fresh: needs root\n  why: it makes a system of its own with mounts\n  try: sudo ./dev fresh\n' >&2
  exit 2
fi

mkdir -p "$folder"
if [ ! -e "$base" ]; then
  sources=()
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
    if [ -s "$file" ]; then sources+=("$file"); fi
  done
  echo "fresh: making a minimal Debian 12" >&2
  mmdebstrap --variant=minbase --include=git bookworm "$base.part" --format=tar "${sources[@]}" \
    2>"$folder/mmdebstrap.log" || {
    tail -n 15 "$folder/mmdebstrap.log" >&2
    exit 1
  }
  mv "$base.part" "$base"
fi

rm -rf "$root"
mkdir -p "$root"
tar -C "$root" -xpf "$base" --exclude='./dev/*'
for file in /etc/apt/apt.conf.d/* /etc/ssl/certs/ca-certificates.crt; do
  if [ -f "$file" ]; then install -D -m 644 "$file" "$root$file"; fi
done
cp -L /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
git clone -q "$project" "$root/opt/weir"

# run COMMAND...: in the new system, as a login there would, with a terminal only if there is one.
run() {
  local start=$SECONDS status=0
  echo "fresh: $*" >&2
  unshare --mount --propagation private bash -c '
    set -e
    root=$1
    shift
    for part in proc sys dev; do mount --rbind "/$part" "$root/$part"; done
    exec env -i HOME=/tmp TERM="${TERM:-dumb}" LANG=C.UTF-8 ${CI:+CI="$CI"} \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      chroot "$root" /bin/bash -c "cd /opt/weir && exec \"\$@\"" fresh "$@"
  ' fresh "$root" "$@" || status=$?
  echo "fresh: $*: exit $status after $((SECONDS - start)) s" >&2
  return "$status"
}

status=0
if [ $# -gt 0 ]; then
  run "$@" || status=$?
else
  run ./dev test || status=$?
  run ./dev demo || status=$?
fi
rm -rf "$root"
exit "$status"

#!/usr/bin/env bash
# man_pages.sh PROGRAM FOLDER: the manual pages of weir and its commands, as the program tells them.
set -euo pipefail
program=$1 folder=$2
mkdir -p "$folder"
"$program" __man | gzip -9n >"$folder/weir.1.gz"
"$program" __complete '' | while IFS=$'\t' read -r name _; do
  "$program" "$name" __man | gzip -9n >"$folder/weir-$name.1.gz"
done
chmod 644 "$folder"/weir*.1.gz

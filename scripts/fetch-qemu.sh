#!/usr/bin/env bash
# Unpacks qemu-sparc64 10 or later from Debian's backports beside the installed one and prints its path, for SPARC64_SMP_QEMU:
#
#     export SPARC64_SMP_QEMU="$(scripts/fetch-qemu.sh DIRECTORY)"
#
# Nothing is installed, and no root is needed: only DIRECTORY (default ~/.cache/sparc64-smp/qemu) is written. The Debian
# mirror is the one that this machine's apt uses.
set -euo pipefail

first_version=10
directory=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/sparc64-smp/qemu}

fail() {
  echo "fetch-qemu: $*" >&2
  echo "fetch-qemu: needed is qemu-sparc64 $first_version or later: Debian's package qemu-user of bookworm-backports or trixie" >&2
  exit 1
}

major_version() {
  "$1" --version 2>/dev/null | sed -n 's/.* version \([0-9]*\)\..*/\1/p' | head -n 1
}

is_new_enough() {
  local major
  major=$(major_version "$1") && [ -n "$major" ] && [ "$major" -ge "$first_version" ]
}

# The sources of the release itself, in either of apt's formats, with the suite replaced by its backports.
backports_sources() {
  local codename=$1 files=()
  shopt -s nullglob
  files=(/etc/apt/sources.list.d/*.sources)
  [ ${#files[@]} = 0 ] || awk -v codename="$codename" '
    BEGIN { RS = ""; FS = "\n" }
    {
      uris = ""; signed = ""; ours = 0; binary = 0
      for (n = 1; n <= NF; n++) {
        if (binary == 0 && $n ~ /^Types:(.*[ \t])?deb([ \t]|$)/) binary = 1
        if ($n ~ /^Enabled:[ \t]*no/) binary = -1
        if ($n ~ /^URIs:/) { uris = $n; sub(/^URIs:[ \t]*/, "", uris) }
        if ($n ~ /^Signed-By:/) { signed = $n; sub(/^Signed-By:[ \t]*/, "", signed) }
        if ($n ~ /^Suites:/) {
          count = split($n, suites, /[ \t]+/)
          for (k = 2; k <= count; k++) if (suites[k] == codename) ours = 1
        }
      }
      options = signed ~ /^\// ? "[signed-by=" signed "] " : ""
      count = split(uris, each, /[ \t]+/)
      if (ours && binary == 1) for (k = 1; k <= count; k++) print "deb " options each[k] " " codename "-backports main"
    }' "${files[@]}"
  files=(/etc/apt/sources.list /etc/apt/sources.list.d/*.list)
  sed -nE "s/^deb[[:space:]]+((\[[^]]*\][[:space:]]+)?[^[:space:]]+)[[:space:]]+$codename[[:space:]].*/deb \1 $codename-backports main/p" \
    "${files[@]}" 2>/dev/null || true
}

for found in "$directory/usr/bin/qemu-sparc64" "$(command -v qemu-sparc64 || true)"; do
  if [ -n "$found" ] && is_new_enough "$found"; then
    echo "$found"
    exit
  fi
done

command -v apt-get >/dev/null && command -v dpkg >/dev/null || fail "this is no Debian machine"
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
[ -n "$codename" ] || fail "this release of Debian has no code name"
mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,cache/archives/partial,download}
backports_sources "$codename" | sort -u >"$work/sources.list"
[ -s "$work/sources.list" ] || fail "apt has no source of $codename to derive its backports from"
apt=(apt-get -qq
  -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferencesparts=/dev/null
  -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache"
  -o APT::Sandbox::User= -o Acquire::Languages=none -o Acquire::Retries=3 -o APT::Update::Error-Mode=any)
"${apt[@]}" update >&2 || fail "$codename-backports cannot be reached"
(cd "$work/download" && "${apt[@]}" download "qemu-user/$codename-backports" >&2) ||
  fail "$codename-backports has no package qemu-user"
dpkg -x "$work"/download/qemu-user_*.deb "$directory"
is_new_enough "$directory/usr/bin/qemu-sparc64" ||
  fail "the package of $codename-backports does not run here: $("$directory/usr/bin/qemu-sparc64" --version 2>&1 | head -n 1)"
echo "$directory/usr/bin/qemu-sparc64"

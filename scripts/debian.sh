#!/bin/sh
# Installs the Debian packages that are missing: as root with apt-get, otherwise unpacked into $SPECTRACE_HOME/bin.
# usage: debian.sh [--test]
set -eu
cd "$(dirname "$0")/.."

# when   package      program
needs='
start    nats-server  nats-server
start    bubblewrap   bwrap
test     chromium     chromium
test     openssl      openssl
'
bin=${SPECTRACE_HOME:-.spectrace}/bin
case $bin in /*) ;; *) bin=$PWD/$bin ;; esac
# Debian keeps servers in /usr/sbin, which is not on an ordinary user's PATH.
PATH="$PATH:/usr/sbin:/usr/local/bin:$bin"

fail() {
  echo "$1" >&2
  exit 1
}

missing=
while read -r when package program; do
  [ -n "$when" ] || continue
  [ "$when" = start ] || [ "${1:-}" = --test ] || continue
  command -v "$program" >/dev/null || missing="${missing:+$missing }$package"
done <<EOF
$needs
EOF
[ -n "$missing" ] || exit 0

command -v apt-get >/dev/null ||
  fail "Missing: $missing, and this is not Debian: install them with your system's package manager, then try again."

if [ "$(id -u)" = 0 ]; then
  echo "Installing from Debian: $missing"
  export DEBIAN_FRONTEND=noninteractive
  # Without package lists, or with lists older than the mirror, the first attempt fails.
  install() { apt-get install -y -q --no-install-recommends $missing; }
  install >/dev/null 2>&1 || { apt-get update -q >/dev/null && install >/dev/null; } ||
    fail "apt-get could not install $missing: see above, repair it, then try again."
  exit 0
fi

echo "Unpacking from Debian into $bin: $missing"
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
(cd "$unpacked" && apt-get download -q $missing >/dev/null 2>&1) ||
  fail "Missing: $missing, and apt-get cannot download them without root or package lists: run \`sudo apt-get update && sudo apt-get install $missing\`, then try again."
for archive in "$unpacked"/*.deb; do dpkg -x "$archive" "$unpacked"; done
mkdir -p "$bin"
while read -r when package program; do
  [ -n "$when" ] || continue
  case " $missing " in *" $package "*) ;; *) continue ;; esac
  found=$(find "$unpacked/usr" -type f -name "$program" -path '*bin/*')
  [ -n "$found" ] && "$found" --version >/dev/null 2>&1 ||
    fail "$program does not run without being installed: run \`sudo apt-get install $package\`, then try again."
  mv "$found" "$bin/$program"
done <<EOF
$needs
EOF

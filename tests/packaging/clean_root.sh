#!/usr/bin/env bash
# Installs a package with apt into a new Debian that has nothing, and runs it there. As root:
#   clean_root.sh SUITE gradient-check_….deb [MIRROR]
# APT_OPTIONS goes to apt-get: "-o Acquire::Check-Valid-Until=false" for a mirror that is behind.
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)
suite=$1 package=$2 mirror=${3:-http://deb.debian.org/debian}
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
command -v debootstrap >/dev/null || apt-get install -y --no-install-recommends debootstrap >/dev/null
debootstrap --variant=minbase --no-check-gpg "$suite" "$root" "$mirror" >"$root.log" 2>&1 \
  || { tail -5 "$root.log"; exit 1; }
rm "$root.log"
cp /etc/apt/apt.conf.d/*proxy* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
cp "$package" "$root/gradient-check.deb"
cp "$source/tests/packaging/square.json" "$root"
mkdir "$root/notebook" && cp "$source"/cases/notebook/* "$root/notebook"
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }
aloud_on_failure() { "$@" >"$root/log" 2>&1 || { tail -20 "$root/log"; exit 1; }; }
# shellcheck disable=SC2086  # several words
aloud_on_failure inside apt-get ${APT_OPTIONS:-} update
aloud_on_failure inside apt-get install -y --no-install-recommends /gradient-check.deb
inside gradient-check --version
inside gradient-check square.json notebook
inside dpkg --verify gradient-check
inside test -e /usr/share/man/man1/gradient-check.1.gz -o -e /usr/share/man/man1/gradient-check.1
inside apt-get remove -y gradient-check >/dev/null 2>&1
! inside sh -c 'command -v gradient-check'

#!/bin/sh
# What is missing on this machine is installed here; what is there stays.  Usage: sh docker/setup.sh run|test|bench|asterisk
# Idempotent by stamps: a second run takes well under a second.
set -eu
cd "$(dirname "$0")/.."
want=${1:-run}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hotline12345
unset PYTHONDONTWRITEBYTECODE
say() { printf 'setup: %s\n' "$*" >&2; }

packages="ca-certificates python3 python3-venv redis-server espeak-ng"
case $want in test|bench) packages="$packages postgresql chromium fonts-wqy-zenhei openssl" ;; esac
system_asterisk() { command -v asterisk >/dev/null 2>&1 && asterisk -V 2>/dev/null | grep -qE '^Asterisk (2[2-9]|[3-9][0-9])'; }
root_asterisk=${ASTERISK_ROOT:-$cache/asterisk-22}
need_root=no
if ! system_asterisk && [ ! -x "$root_asterisk/usr/sbin/asterisk" ]; then need_root=yes; packages="$packages mmdebstrap"; fi

missing=""
for p in $packages; do
  dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done
if [ -n "$missing" ]; then
  line="apt-get install -y --no-install-recommends$missing"
  if [ "$(id -u)" -eq 0 ]; then
    say "installing$missing (about a minute)"
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    { apt-get -o APT::Update::Error-Mode=any update && apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends $missing; } >"$log" 2>&1 ||
      { tail -n 20 "$log" >&2; say "the packages could not be installed"; exit 3; }
    rm -f "$log"
  else
    say "some packages are missing; run this as root, then start again:"
    say "  $line"
    exit 3
  fi
fi

if [ "$need_root" = yes ]; then
  say "fetching Asterisk 22 into $root_asterisk (about half a minute, 360 MB)"
  mkdir -p "$(dirname "$root_asterisk")"
  part=$root_asterisk.part.$$
  trap 'rm -rf "$part"' EXIT
  mode=$([ "$(id -u)" -eq 0 ] && echo root || echo unshare)
  # Debian testing carries Asterisk 22; no later file date is asked of its index, so that an old mirror still serves
  mmdebstrap --mode="$mode" --variant=minbase --skip=check/empty --aptopt='Acquire::Check-Valid-Until "false"' \
    --include=asterisk,asterisk-core-sounds-en-wav forky "$part" ${DEBIAN_MIRROR:-} >"$part.log" 2>&1 ||
    { tail -n 20 "$part.log" >&2; say "Asterisk could not be fetched"; exit 3; }
  rm -f "$part.log"
  [ -d "$root_asterisk" ] && rm -rf "$part" || mv "$part" "$root_asterisk"
  trap - EXIT
fi
[ "$want" = asterisk ] && exit 0

python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' || {
  say "Python 3.11 or 3.12 is needed; name one in PYTHON"; exit 3; }
extras=phone; [ "$want" = test ] && extras=phone,test
[ "$want" = bench ] && extras=phone,test,learning
stamp=$( { cat setup.cfg docker/constraints.txt; "$python" -V; } | sha256sum | cut -c1-16)
have=$(cat .venv/.stamp 2>/dev/null || true)
case "$have" in
  "$stamp $extras"*) exit 0 ;; # what is wanted, or more
esac
say "building .venv from pinned versions (about ten seconds with a warm cache, half a minute without)"
"$python" -m venv .venv
.venv/bin/pip install -q --disable-pip-version-check uv==0.13.9 >/dev/null 2>&1 || true
if [ -x .venv/bin/uv ] && .venv/bin/uv pip install -q --compile-bytecode --python .venv/bin/python -c docker/constraints.txt -e ".[$extras]"; then :
else .venv/bin/pip install -q --disable-pip-version-check -c docker/constraints.txt -e ".[$extras]"; fi
printf '%s\n' "$stamp $extras" >.venv/.stamp

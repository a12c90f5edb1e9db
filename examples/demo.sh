#!/bin/sh
# What `make demo` shows: the whole job against the bundled Partner Center, with nothing left behind.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server" 2>/dev/null || true; test -z "$server" || wait "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
cp -R "$here/manifests/." "$work"
rm -rf "$work/.cspctl"
cd "$work"

say() { printf '\n\033[1m# %s\033[0m\n' "$1"; }
run() { printf '$ %s\n' "$*"; "$@"; }
# For commands that report something: shows the exit code and checks that it is the one that says so.
expect() {
  wanted=$1; shift
  printf '$ %s\n' "$*"
  code=0; "$@" || code=$?
  printf '(exit code %s)\n' "$code"
  test "$code" -eq "$wanted"
}

say 'A Partner Center of our own, standing still on one morning, with the partners and tenants the manifests speak of'
cspctl emulator serve --clock 2026-11-21T09:00:00Z >"$work/emulator.out" 2>&1 &
server=$!
tries=0
until test -s .cspctl/emulator.lock; do
  tries=$((tries + 1)); test "$tries" -lt 100 || { cat "$work/emulator.out"; exit 1; }
  sleep 0.1
done
run cspctl emulator seed --from .

say 'Are the manifests sound?'
run cspctl validate

say 'What would happen?'
run cspctl --emulator plan

say 'Carry it out'
run cspctl --emulator apply --yes

say 'A second plan is empty'
expect 0 cspctl --emulator plan --detailed-exitcode

say 'Two hours later somebody changes seats in the portal'
run cspctl emulator clock --advance PT2H
run python3 "$here/portal.py" . 7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10 jo@acmecloud.onmicrosoft.com contoso-e3 140

say 'Who was that?'
expect 2 cspctl --emulator drift

say 'The next plan takes it back'
expect 2 cspctl --emulator plan --detailed-exitcode

say 'Everything we did is on record, and nobody edited the record'
run cspctl --emulator audit list --limit 12
run cspctl --emulator audit verify

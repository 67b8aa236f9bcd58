#!/usr/bin/env bash
# The one entry point for CI, the same here and there: installs what is missing, then runs the
# whole check. Needs Node.js 20.19 or newer and npm. Reads nothing from the terminal.
#
# System packages come by apt when this runs as root; otherwise the missing ones are named.
set -euo pipefail
exec </dev/null

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
export CI=true
export DEBIAN_FRONTEND=noninteractive

# What the tests need besides Node.js: "<command to look for>=<Debian package>".
needed=(
  git=git
  bwrap=bubblewrap
  unshare=util-linux
  setpriv=util-linux
  prlimit=util-linux
  perl=perl-base
  python3=python3
  zsh=zsh
  fish=fish
  ssh-agent=openssh-client
)

phases=()
phase() {
  local name=$1 started=$SECONDS code=0
  shift
  printf '\n== %s\n' "$name"
  "$@" || code=$?
  phases+=("$(printf '%-16s %5d s%s' "$name" "$((SECONDS - started))" "$([ "$code" = 0 ] || printf '  FAILED (%d)' "$code")")")
  [ "$code" = 0 ] || { summary; exit "$code"; }
}

summary() {
  printf '\n== time\n'
  printf '%s\n' "${phases[@]}"
}

check_node() {
  command -v node >/dev/null || { echo 'Node.js was not found: install 20.19 or newer' >&2; return 1; }
  command -v npm >/dev/null || { echo 'npm was not found' >&2; return 1; }
  node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    console.log(`Node.js ${process.versions.node}`);
    if (major < 20 || (major === 20 && minor < 19)) {
      console.error("too old: 20.19 or newer is needed");
      process.exit(1);
    }'
}

# Packages that are missing, one a line.
missing_packages() {
  local one
  {
    for one in "${needed[@]}"; do
      command -v "${one%%=*}" >/dev/null || printf '%s\n' "${one#*=}"
    done
    # Debian ships the module's code without what makes an environment usable.
    if ! command -v python3 >/dev/null || ! python3 -c 'import ensurepip' 2>/dev/null; then
      printf 'python3-venv\n'
    fi
    # What checks of Python projects find in the sandbox is the system's own Python.
    for one in pip pytest; do
      /usr/bin/python3 -c "import $one" 2>/dev/null || printf 'python3-%s\n' "$one"
    done
  } | sort -u
}

system_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  if [ "${#missing[@]}" = 0 ]; then
    echo 'nothing is missing'
    return 0
  fi
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    # The tests that need them say so at the end, by name.
    echo "missing, and not installable from here (needs root and apt): ${missing[*]}" >&2
    return 0
  fi
  echo "installing: ${missing[*]}"
  apt-get update -qq
  apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
}

phase 'node' check_node
phase 'system packages' system_packages
phase 'npm ci' npm ci --include=dev --no-audit --no-fund
phase 'check' npm run --silent check
summary

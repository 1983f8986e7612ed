#!/usr/bin/env bash
# Puts in place what a target of the Makefile needs, and only that: setup.sh run | test |
# benchmark | evaluation | training.
# What is already there is not installed again; a second call takes a fraction of a second.
set -euo pipefail
cd "$(dirname "$0")"

purpose=${1:-run}
# libportaudio2: the sound card; libasound2-plugins: lets it reach PulseAudio and PipeWire.
system_packages=(libportaudio2 libasound2-plugins)
dispensable=()
case $purpose in
  run) locks=(requirements.lock) ;;
  test) locks=(requirements-dev.lock) ;;
  benchmark) locks=(requirements-dev.lock requirements-benchmark.lock) ;;
  evaluation) locks=(requirements.lock requirements-evaluation.lock) ;;
  training) locks=(requirements-dev.lock requirements-training.lock) ;;
  *) echo "setup.sh: run, test, benchmark, evaluation or training?" >&2 && exit 2 ;;
esac
if [ "$purpose" != run ] && [ "$purpose" != evaluation ]; then
  # For the virtual sound card; test voices; what proves the privacy.
  system_packages+=(pulseaudio-utils espeak-ng strace)
  # The sound server, which would drive PipeWire's out of a desktop; a browser for the pages, which
  # Ubuntu has as a snap only. The tests that need them skip themselves.
  dispensable=(pulseaudio chromium)
fi

stop() {
  printf 'Spiertolk: %s\n' "$1" >&2
  exit 2
}

# Whether a package is there, or what it is for. Without dpkg packages have other names.
present() {
  case $1 in
    chromium) command -v chromium || command -v chromium-browser ;;
    *) ! command -v dpkg-query || dpkg-query -W -f '${Status}' "$1" | grep 'install ok installed' ;;
  esac >/dev/null 2>&1
}

# The newest Python that the lock covers; prints its path.
find_python() {
  local name
  for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3; do
    if covered "$name"; then
      command -v "$name"
      return
    fi
  done
  return 1
}

covered() {
  "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null
}

can_make_venv() {
  "$python" -c 'import ensurepip, venv' 2>/dev/null
}

# An environment that was cut off while it was made has no pip, or none of its own.
have_venv() {
  [ -e .venv/pyvenv.cfg ] && covered .venv/bin/python && .venv/bin/python -c 'import pip' 2>/dev/null
}

# Sets `apt`: how to call apt-get as root; stops where that may not be.
find_apt() {
  local as_root=()
  command -v apt-get >/dev/null ||
    stop "installeer eerst deze pakketten met uw eigen pakketbeheer: $*."
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || stop "vraag uw beheerder om: apt-get install $*."
    as_root=(sudo)
    [ -t 0 ] || as_root=(sudo -n)  # without a keyboard nobody can type a password
    "${as_root[@]}" true || stop "u mag hier niets installeren; vraag uw beheerder om: apt-get install $*."
  fi
  apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
}

install_system_packages() {
  local missing=() name gone
  for name in "$@"; do present "$name" || missing+=("$name"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  find_apt "${missing[@]}"
  echo "Spiertolk installeert systeempakketten: ${missing[*]}"
  "${apt[@]}" update >/dev/null &&
    "${apt[@]}" install -y --no-install-recommends --no-remove "${missing[@]}" >/dev/null && return
  gone=$(removed_by "${missing[@]}")
  [ -z "$gone" ] || stop "ik installeer ${missing[*]} niet, want dan verdwijnen andere pakketten: ${gone% }; vraag uw beheerder wat u kunt missen."
  stop "het installeren van ${missing[*]} lukte niet; kijk of er internet is en probeer het opnieuw."
}

# What apt would take away to install these.
removed_by() {
  apt-get -s install --no-install-recommends "$@" 2>/dev/null | sed -n 's/^Remv \([^ ]*\).*/\1/p' | tr '\n' ' '
}

# Whether apt has a package, not another one in its place, and need not take anything away for it.
possible() {
  command -v apt-get &&
    apt-get -s install --no-install-recommends --no-remove "$1" | grep "^Inst $1 "
} >/dev/null 2>&1

if have_venv; then
  python=.venv/bin/python
else
  python=$(find_python) || {
    [ ! -x /usr/bin/apt-get ] || install_system_packages python3 python3-venv
    python=$(find_python) || stop "Python 3.11, 3.12 of 3.13 is nodig; installeer er een en probeer het opnieuw."
  }
  can_make_venv || install_system_packages "$(basename "$(readlink -f "$python")")-venv"
  can_make_venv || stop "$python kan geen eigen omgeving maken; installeer er venv en ensurepip bij, en probeer het opnieuw."
fi
if ! command -v dpkg-query >/dev/null; then
  PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | grep 'libportaudio\.so\.2' >/dev/null ||
    echo "Spiertolk: ik vind PortAudio niet; hoort u straks niets, installeer het dan met uw eigen pakketbeheer." >&2
fi
install_system_packages "${system_packages[@]}"
for name in "${dispensable[@]}"; do
  present "$name" && continue
  if possible "$name"; then
    install_system_packages "$name"
  else
    echo "Spiertolk gaat verder zonder $name, en slaat over wat dat nodig heeft: apt kent het niet, of het zou andere pakketten verdringen." >&2
  fi
done

# A stamp for each lock says with which Python and which contents it was installed.
wanted() { cat "$1" <("$python" --version) | sha256sum; }
stamped() { have_venv && [ "$(cat ".venv/$1.stamp" 2>/dev/null)" = "$(wanted "$1")" ]; }

for lock in "${locks[@]}"; do
  stamped "$lock" && continue
  # What tests need holds all that a run needs.
  case $lock in
    requirements.lock | requirements-evaluation.lock) stamped requirements-dev.lock && continue ;;
  esac
  echo "Spiertolk installeert Python-pakketten in .venv (eenmalig)"
  have_venv || { rm -rf .venv && "$python" -m venv .venv; } >/dev/null 2>&1 ||
    stop "de map $PWD/.venv kon ik niet maken; zorg dat u daar mag schrijven en dat de schijf niet vol is, en probeer het opnieuw."
  .venv/bin/python -m pip install -q --disable-pip-version-check --use-pep517 --require-hashes \
    -r "$lock" ||
    stop "het installeren van de Python-pakketten lukte niet; kijk of er internet is en probeer het opnieuw."
  wanted "$lock" >".venv/$lock.stamp"
done

# PyTorch is in no lock: which build is right depends on the machine. One that is there is kept.
if [ "$purpose" = training ] && ! .venv/bin/python -c 'import torch' 2>/dev/null; then
  echo "Spiertolk installeert PyTorch in .venv (groot)"
  .venv/bin/python -m pip install -q --disable-pip-version-check torch==2.13.0 ||
    stop "het installeren van PyTorch lukte niet; installeer zelf een versie voor uw computer."
fi

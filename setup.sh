#!/usr/bin/env bash
# Puts in place what a target of the Makefile needs, and only that: setup.sh run | test |
# benchmark | evaluation | training.
# What is already there is not installed again; a second call takes a fraction of a second.
set -euo pipefail
cd "$(dirname "$0")"

purpose=${1:-run}
# libportaudio2: the sound card; libasound2-plugins: lets it reach PulseAudio and PipeWire.
system_packages=(libportaudio2 libasound2-plugins)
case $purpose in
  run) locks=(requirements.lock) ;;
  test) locks=(requirements-dev.lock) ;;
  benchmark) locks=(requirements-dev.lock requirements-benchmark.lock) ;;
  evaluation) locks=(requirements.lock requirements-evaluation.lock) ;;
  training) locks=(requirements-dev.lock requirements-training.lock) ;;
  *) echo "setup.sh: run, test, benchmark, evaluation or training?" >&2 && exit 2 ;;
esac
if [ "$purpose" != run ] && [ "$purpose" != evaluation ]; then
  # The virtual sound card; test voices; a browser for the pages; what proves the privacy.
  system_packages+=(pulseaudio pulseaudio-utils espeak-ng chromium strace)
fi

stop() {
  printf 'Spiertolk: %s\n' "$1" >&2
  exit 2
}

installed() {
  dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'install ok installed'
}

# The newest Python that the lock covers; prints its path.
find_python() {
  local name
  for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3; do
    if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  return 1
}

can_make_venv() {
  "$1" -c 'import ensurepip, venv' 2>/dev/null
}

install_system_packages() {
  local missing=() name as_root=()
  for name in "$@"; do installed "$name" || missing+=("$name"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null ||
    stop "installeer eerst deze pakketten met uw eigen pakketbeheer: ${missing[*]}."
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
      stop "vraag uw beheerder om: apt-get install ${missing[*]}."
    as_root=(sudo)
    [ -t 0 ] || as_root=(sudo -n)  # without a keyboard nobody can type a password
    "${as_root[@]}" true || stop "u mag hier niets installeren; vraag uw beheerder om: apt-get install ${missing[*]}."
  fi
  echo "Spiertolk installeert systeempakketten: ${missing[*]}"
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
  { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } >/dev/null ||
    stop "het installeren van ${missing[*]} lukte niet; kijk of er internet is en probeer het opnieuw."
}

python=$(find_python) || {
  [ ! -x /usr/bin/apt-get ] || install_system_packages python3 python3-venv
  python=$(find_python) || stop "Python 3.11, 3.12 of 3.13 is nodig; installeer er een en probeer het opnieuw."
}
can_make_venv "$python" || install_system_packages "$(basename "$(readlink -f "$python")")-venv"
install_system_packages "${system_packages[@]}"

# A stamp for each lock says with which Python and which contents it was installed.
wanted() { cat "$1" <("$python" --version) | sha256sum; }
stamped() { [ -x .venv/bin/python ] && [ "$(cat ".venv/$1.stamp" 2>/dev/null)" = "$(wanted "$1")" ]; }

for lock in "${locks[@]}"; do
  stamped "$lock" && continue
  # What tests need holds all that a run needs.
  case $lock in
    requirements.lock | requirements-evaluation.lock) stamped requirements-dev.lock && continue ;;
  esac
  echo "Spiertolk installeert Python-pakketten in .venv (eenmalig)"
  .venv/bin/python -c 'import sys' 2>/dev/null || { rm -rf .venv && "$python" -m venv .venv; }
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

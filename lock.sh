#!/usr/bin/env bash
# Makes the locks anew after a change in pyproject.toml; needs uv (pip install uv).
set -euo pipefail
cd "$(dirname "$0")"

# No index address goes into a lock: it holds wherever the packages come from.
compile() {
  uv pip compile -q --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-header --no-annotate "$@"
}

compile pyproject.toml -o requirements.lock
compile --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock
compile --group evaluation -c requirements-dev.lock pyproject.toml -o requirements-evaluation.lock
compile --group benchmark -c requirements-dev.lock pyproject.toml -o requirements-benchmark.lock
compile --group training -c requirements-dev.lock pyproject.toml -o requirements-training.lock
echo 'hassil==3.8.1' | compile - -o benchmarks/hassil_fuzzy.lock

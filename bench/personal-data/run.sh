#!/usr/bin/env bash
# What the detectors of personal data find, beside Presidio, on the same lines in the same run.
#
#   BENCH_DATA=FOLDER bench/run.sh personal-data     prints both reports; the lines and every hit in natural lines stay in
#                                                    bench/target/personal-data
#   BENCH_PEERS=presidio                             installs Presidio (pip) and measures it too
#
# FOLDER has the public sets that generate.py names.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bench=$(dirname "$here")
work=$bench/target/personal-data
mkdir -p "$work"
(cd "$bench" && cargo build --release --quiet -p bench-personal-data)
python3 "$here/generate.py" "${BENCH_DATA:?names the folder of the public sets}" "$work"
"${CARGO_TARGET_DIR:-$bench/target}/release/bench-personal-data" "$work" | tee "$work/report.json"
if [[ " ${BENCH_PEERS:-} " == *" presidio "* ]]; then
    venv=$bench/target/presidio
    [ -x "$venv/bin/python" ] || { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet presidio-analyzer; }
    "$venv/bin/python" "$here/presidio.py" "$work" | tee "$work/presidio.json"
fi

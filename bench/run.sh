#!/usr/bin/env bash
# The measurements of the project, all in one run on one machine, since only ratios within a run mean anything.
#
#   bench/run.sh [NAME]          writes bench/results/<date>-NAME.json and .md
#   bench/run.sh personal-data   the detectors of personal data alone: see bench/personal-data/run.sh
#   BENCH_SECONDS=10             for each load
#   BENCH_ROUNDS=3               of each measurement, upstream and product by turns
#   BENCH_PEERS="portkey litellm"  peers to install (npm, pip) and measure; none by default
#   BENCH_FLOOR=FOLDER           a crate `floor`: the least that a proxy with one automaton costs
#   CINNABAR_BIN=PATH            a release binary that is already built
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
name=${1:-run}
if [ "$name" = personal-data ]; then
    exec "$here/personal-data/run.sh"
fi
seconds=${BENCH_SECONDS:-10}
rounds=${BENCH_ROUNDS:-3}
read -r -a peers <<<"${BENCH_PEERS:-}"
work=$(mktemp -d "${BENCH_WORK:-$root/target}/bench.XXXXXX")
raw=$work/raw.jsonl
pids=()
cleanup() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

say() { printf '%s %s\n' "$(date +%T)" "$*" >&2; }

# ---- build ----
say "building"
(cd "$here" && cargo build --release --quiet)
mock=$here/target/release/bench-mock
loadgen=$here/target/release/bench-loadgen
if [ -z "${CINNABAR_BIN:-}" ]; then
    (cd "$root" && cargo build --release --quiet --package cli)
    CINNABAR_BIN=${CARGO_TARGET_DIR:-$root/target}/release/cinnabar
fi

# ---- servers ----
mock_port=9100 floor_port=9101 cinnabar_port=9102 portkey_port=9103 litellm_port=9104
wait_for() { # PORT
    for _ in $(seq 600); do
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0
        sleep 0.2
    done
    say "nothing listens on $1"
    return 1
}

"$mock" $mock_port & pids+=($!)
mock_pid=$!
wait_for $mock_port

floor_pid=
if [ -n "${BENCH_FLOOR:-}" ] && [ -d "$BENCH_FLOOR" ]; then
    (cd "$BENCH_FLOOR" && CARGO_TARGET_DIR="$here/target/floor" cargo build --release --quiet)
    "$here/target/floor/release/floor" $floor_port 127.0.0.1:$mock_port guard 2 & pids+=($!)
    floor_pid=$!
    wait_for $floor_port
fi

# Starts the product over a folder of its own; sets cinnabar_pid, key and idle_kb.
start_cinnabar() { # FOLDER
    mkdir "$1"
    cat >"$1/cinnabar.toml" <<TOML
bind = "127.0.0.1:$cinnabar_port"
[upstream]
base_url = "http://127.0.0.1:$mock_port/v1"
models = ["mock-fast", "mock-paced", "mock-held"]
[log]
filter = "warn"
TOML
    (cd "$1" && exec env CINNABAR_PRINT=json "$CINNABAR_BIN" serve >"$1/out" 2>"$1/err") & pids+=($!)
    cinnabar_pid=$!
    for _ in $(seq 100); do grep -q '"event":"ready"' "$1/out" 2>/dev/null && break; sleep 0.1; done
    key=$(sed -n 's/.*"key":"\([^"]*\)".*/\1/p' "$1/out" | head -n 1)
    [ -n "$key" ] || { cat "$1/out" "$1/err" >&2; exit 1; }
    sleep 2
    idle_kb=$(awk '/VmRSS/ { print $2 }' "/proc/$cinnabar_pid/status")
}
start_cinnabar "$work/cinnabar"

start_portkey() {
    mkdir -p "$here/target/portkey"
    (cd "$here/target/portkey" && { [ -d node_modules/@portkey-ai ] || npm install --no-audit --no-fund @portkey-ai/gateway >/dev/null; })
    (cd "$here/target/portkey" && exec env TRUSTED_CUSTOM_HOSTS=127.0.0.1,localhost \
        node node_modules/@portkey-ai/gateway/build/start-server.js --port=$portkey_port --headless >"$work/portkey.log" 2>&1) & pids+=($!)
    portkey_pid=$!
    wait_for $portkey_port
}
start_litellm() {
    local venv=$here/target/litellm
    [ -x "$venv/bin/litellm" ] || { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet 'litellm[proxy]'; }
    cat >"$work/litellm.yaml" <<YAML
model_list:
$(for model in mock-fast mock-paced mock-held; do
    printf '  - model_name: %s\n    litellm_params: { model: openai/%s, api_base: "http://127.0.0.1:%s/v1", api_key: none }\n' $model $model $mock_port
done)
YAML
    # It refuses to start without a key of its own, unless told that this is on purpose: checking one would only slow it down.
    (cd "$work" && exec env LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY=true LITELLM_LOCAL_MODEL_COST_MAP=True LITELLM_TELEMETRY=False LITELLM_MODE=PRODUCTION \
        "$venv/bin/litellm" --config litellm.yaml --host 127.0.0.1 --port $litellm_port --num_workers 1 --telemetry False >"$work/litellm.log" 2>&1) & pids+=($!)
    litellm_pid=$!
    wait_for $litellm_port
}
portkey_pid='' litellm_pid=''
for peer in "${peers[@]}"; do
    say "starting $peer"
    "start_$peer" || { say "$peer did not start: left out"; printf -v "${peer}_pid" ''; }
done

# run MEASUREMENT TARGET FLAGS…: one line of $raw.
run() {
    local measurement=$1 target=$2 port pid more=()
    shift 2
    case $target in
    upstream) port=$mock_port pid=$mock_pid ;;
    floor) port=$floor_port pid=$floor_pid ;;
    cinnabar) port=$cinnabar_port pid=$cinnabar_pid more=(--header "authorization: Bearer $key") ;;
    portkey) port=$portkey_port pid=$portkey_pid more=(--header 'x-portkey-provider: openai' --header "x-portkey-custom-host: http://127.0.0.1:$mock_port/v1" --header 'authorization: Bearer none') ;;
    litellm) port=$litellm_port pid=$litellm_pid more=(--header 'authorization: Bearer none') ;;
    esac
    [ -n "$pid" ] || return 0
    local command=chat
    [ "$measurement" != memory ] || command=streams
    say "$measurement: $target"
    "$loadgen" $command 127.0.0.1:$port --name "$measurement/$target" --pid "$pid" "$@" "${more[@]}" >>"$raw"
}
targets() { # those that are running, in this order
    echo upstream
    [ -z "$floor_pid" ] || echo floor
    echo cinnabar
    [ -z "$portkey_pid" ] || echo portkey
    [ -z "$litellm_pid" ] || echo litellm
}

# ---- measurements ----
"$loadgen" disk "$work" --seconds 5 >>"$raw"
curl -s "http://127.0.0.1:$cinnabar_port/metrics" >"$work/metrics.before"
for _ in $(seq "$rounds"); do
    for target in upstream floor cinnabar; do
        run first-byte $target --body "$here/bodies/paced.json" --rate 200 --seconds "$seconds" --warm 2
    done
done
curl -s "http://127.0.0.1:$cinnabar_port/metrics" >"$work/metrics.after"
for _ in $(seq "$rounds"); do
    for target in $(targets); do
        run throughput "$target" --body "$here/bodies/whole.json" --connections 256 --seconds "$seconds" --warm 2
    done
done
for target in $(targets); do
    run whole "$target" --body "$here/bodies/whole.json" --connections 16 --seconds "$seconds" --warm 1
    run stream "$target" --body "$here/bodies/stream.json" --connections 16 --seconds "$seconds" --warm 1
done
# Memory is measured on processes that have served nothing before: room that an earlier load left behind would not count. Two
# numbers of streams tell what each stream takes from what the first ones take once for all, such as prepared statements.
for streams in 1000 3000; do
    kill "$cinnabar_pid"
    wait "$cinnabar_pid" 2>/dev/null || true
    start_cinnabar "$work/cinnabar-memory-$streams"
    run memory cinnabar --body "$here/bodies/held.json" --connections $streams --seconds 5
done

# ---- report ----
result=$here/results/$(date +%F)-$name
python3 "$here/summarise.py" --raw "$raw" --before "$work/metrics.before" --after "$work/metrics.after" \
    --idle-kb "$idle_kb" --command "bench/run.sh $name (BENCH_SECONDS=$seconds BENCH_ROUNDS=$rounds BENCH_PEERS='${peers[*]}')" \
    --revision "$(git -C "$root" rev-parse --short HEAD)" --out "$result"
cat "$result.md"

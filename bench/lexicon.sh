#!/usr/bin/env bash
# The safety engine beside other automata: the same words, the same text, one thread, processor time, all in one run.
#
#   bench/lexicon.sh DATA [NAME]   DATA: the folder of public sets that lexicon/words.py reads
#   BENCH_ROUNDS=5                 scans of the text, of which the best counts
#   BENCH_WORK=FOLDER              where words, text and peers are put
# writes bench/results/<date>-NAME.md. Peers that cannot be had are left out: vectorscan needs g++ and libvectorscan-dev,
# pyahocorasick python3 with venv.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
data=$1
name=${2:-lexicon}
rounds=${BENCH_ROUNDS:-5}
work=${BENCH_WORK:-$here/target/lexicon}
mkdir -p "$work"
say() { printf '%s %s\n' "$(date +%T)" "$*" >&2; }

say "building"
(cd "$here" && cargo build --release --quiet --package bench-lexicon)
runner=${CARGO_TARGET_DIR:-$here/target}/release/bench-lexicon
python3 "$here/lexicon/words.py" "$data" "$work"
vectorscan=
if g++ -O2 -I/usr/include/hs -o "$work/vectorscan" "$here/lexicon/peers/vectorscan.cpp" -lhs 2>"$work/vectorscan.log"; then
    vectorscan=$work/vectorscan
else
    say "vectorscan left out: see $work/vectorscan.log"
fi
python=
if { [ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"; } && "$work/venv/bin/pip" install --quiet pyahocorasick; then
    python=$work/venv/bin/python
else
    say "pyahocorasick left out"
fi

: >"$work/raw.jsonl"
for list in words-10000 words-100000 words-1000000 words-dense-100000; do
    words=$work/$list.txt
    for engine in cinnabar-check cinnabar-lines cinnabar-stream cinnabar-cache daachorse aho-corasick; do
        say "$list: $engine"
        "$runner" $engine "$words" "$work/text.txt" "$rounds" >>"$work/raw.jsonl"
    done
    [ -z "$vectorscan" ] || { say "$list: vectorscan" && "$vectorscan" "$words" "$work/text.txt" "$rounds" >>"$work/raw.jsonl"; }
    [ -z "$python" ] || { say "$list: pyahocorasick" && "$python" "$here/lexicon/peers/pyahocorasick.py" "$words" "$work/text.txt" 2 >>"$work/raw.jsonl"; }
done
python3 "$here/lexicon/summarise.py" "$work/raw.jsonl" "$(git -C "$here" rev-parse --short HEAD)" \
    "BENCH_ROUNDS=$rounds bench/lexicon.sh DATA $name" >"$here/results/$(date +%F)-$name.md"
cat "$here/results/$(date +%F)-$name.md"

"""Turns the lines of bench/lexicon.sh into a table: summarise.py RAW REVISION COMMAND."""

import datetime
import json
import os
import pathlib
import platform
import re
import sys

NOTES = """\
One thread, processor time, the best of the rounds. *Whole*: `Engine::check` of the text in one; *lines*: of each line;
*pushes*: a `Stream` in chunks of four characters. These do all that a text goes through: normalisation, the lexicon for both
directions and all audiences, personal data, escapes, findings, release. The others are automata alone over the text as it
stands, for one direction, without normalisation. Heap is what the engine keeps; of pyahocorasick the growth of the process.
Ratio: beside aho-corasick's contiguous NFA in the same run. Text and words: `bench/lexicon/words.py`.
"""


def processor() -> str:
    found = re.search(r"^model name\s*: (.+)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found.group(1) if found else platform.machine()


def main() -> None:
    runs = [json.loads(line) for line in pathlib.Path(sys.argv[1]).read_text().splitlines()]
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"# Lexicon, {datetime.date.today().isoformat()}, revision {sys.argv[2]}\n")
    print(f"{processor()}, {os.cpu_count()} cores, Linux {platform.release()}. Load averages {load}. `{sys.argv[3]}`\n")
    print(NOTES)
    names = {"cinnabar-check": "**Cinnabar**, whole", "cinnabar-lines": "**Cinnabar**, lines", "cinnabar-stream": "**Cinnabar**, pushes"}
    print("| words | engine | MB/s | ratio | build s | heap MB | hits |\n|---|---|---|---|---|---|---|")
    more = {}
    for run in runs:
        base = next(r["mb_per_s"] for r in runs if r["list"] == run["list"] and r["engine"] == "aho-corasick")
        if run["engine"] == "cinnabar-cache":
            more.setdefault(run["list"], {}).update(run["more"], cache_load_ms=run["build_s"] * 1e3)
            continue
        more.setdefault(run["list"], {}).update(run.get("more") or {})
        kind = " (dense)" if "dense" in run["list"] else ""
        name = names.get(run["engine"], run["engine"])
        print(
            f"| {run['words']:,}{kind} | {name} | {run['mb_per_s']:.1f} | {run['mb_per_s'] / base:.1f} "
            f"| {run['build_s']:.2f} | {run['heap_mb']:.1f} | {run['hits']:,} |"
        )
    print("\n| words | 52 entries changed, ms | cache, MB | engine from the cache, ms |\n|---|---|---|---|")
    for name, also in more.items():
        print(f"| {name.removeprefix('words-')} | {also['change_of_52_ms']:.1f} | {also['cache_mb']:.1f} | {also['cache_load_ms']:.0f} |")


if __name__ == "__main__":
    main()

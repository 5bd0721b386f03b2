"""Turns the lines of a run into one JSON record and a table, with each promise beside what was measured."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import statistics


def read_lines(path: pathlib.Path) -> dict[str, list[dict]]:
    runs: dict[str, list[dict]] = {}
    for line in path.read_text().splitlines():
        run = json.loads(line)
        runs.setdefault(run["name"], []).append(run)
    return runs


def histogram(before: str, after: str, name: str) -> list[tuple[float, float]]:
    """The cumulative buckets of a Prometheus histogram over the time between two readings."""

    def buckets(text: str) -> dict[float, float]:
        found = re.findall(rf'^{name}_bucket{{[^}}]*le="([^"]+)"[^}}]*}} (\S+)$', text, re.MULTILINE)
        return {float(bound.replace("+Inf", "inf")): float(count) for bound, count in found}

    old, new = buckets(before), buckets(after)
    return sorted((bound, count - old.get(bound, 0.0)) for bound, count in new.items())


def quantile(buckets: list[tuple[float, float]], share: float) -> float | None:
    """As Prometheus reads it: linear within the bucket."""
    if not buckets or buckets[-1][1] == 0:
        return None
    wanted = buckets[-1][1] * share
    low_bound, low_count = 0.0, 0.0
    for bound, count in buckets:
        if count >= wanted:
            if bound == float("inf"):
                return low_bound
            part = (wanted - low_count) / (count - low_count) if count > low_count else 1.0
            return low_bound + (bound - low_bound) * part
        low_bound, low_count = bound, count
    return None


def median(runs: list[dict], *path: str) -> float | None:
    values = []
    for run in runs:
        value = run
        for key in path:
            value = (value or {}).get(key)
        if value is not None:
            values.append(value)
    return statistics.median(values) if values else None


def shown(value: float | None, unit: str = "") -> str:
    if value is None:
        return "–"
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{text} {unit}".strip()


def minus(left: float | None, right: float | None) -> float | None:
    return None if left is None or right is None else left - right


def over(left: float | None, right: float | None) -> float | None:
    return None if left is None or not right else left / right


def held(run: dict) -> float:
    return run["resident_kb_after"] - run["resident_kb_before"]


def each_more(runs: list[dict]) -> float | None:
    """What each stream more takes: the growth between the smallest and the largest number of streams, each in its own process."""
    sizes = sorted(runs, key=lambda run: run["open_streams"])
    if len(sizes) < 2 or sizes[0]["open_streams"] == sizes[-1]["open_streams"]:
        return None
    return (held(sizes[-1]) - held(sizes[0])) / (sizes[-1]["open_streams"] - sizes[0]["open_streams"])


def each(runs: list[dict]) -> float | None:
    """What a stream takes in the run with the most of them, everything included."""
    return max(runs, key=lambda run: run["open_streams"])["kb_per_stream"] if runs else None


def processor() -> str:
    try:
        found = re.search(r"^model name\s*: (.+)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
        return found.group(1) if found else platform.machine()
    except OSError:
        return platform.machine()


def promises(runs: dict[str, list[dict]], idle_kb: int, before: str, after: str) -> list[dict]:
    """Each promise: what, how much is allowed, what was measured, whether it holds (None: not measured)."""
    rows: list[dict] = []

    def row(what: str, bound: str, value: float | None, unit: str, holds: bool | None) -> None:
        rows.append({"what": what, "bound": bound, "measured": value, "unit": unit, "holds": None if value is None else holds})

    def at_most(what: str, value: float | None, limit: float, unit: str) -> None:
        row(what, f"≤ {limit:g} {unit}", value, unit, value is not None and value <= limit)

    def at_least(what: str, value: float | None, limit: float, unit: str) -> None:
        row(what, f"≥ {limit:g} {unit}", value, unit, value is not None and value >= limit)

    bare, ours = runs.get("first-byte/upstream", []), runs.get("first-byte/cinnabar", [])
    own = histogram(before, after, "cinnabar_own_work_seconds")
    waits = histogram(before, after, "cinnabar_durable_wait_seconds")
    fdatasync_p99 = median(runs.get("disk", []), "fdatasync_us", "p99")
    upstream_first = median(bare, "first_byte_us", "p50")

    def micros(buckets: list[tuple[float, float]], share: float) -> float | None:
        value = quantile(buckets, share)
        return None if value is None else value * 1e6

    at_most("own work added to the first byte, p50", micros(own, 0.5), 300, "µs")
    at_most("own work added to the first byte, p99", micros(own, 0.99), 2000, "µs")
    allowed = None
    if fdatasync_p99 is not None and upstream_first is not None:
        allowed = max(0.0, 2 * fdatasync_p99 - upstream_first)
    wait_p99 = micros(waits, 0.99)
    if allowed is not None:
        at_most("wait for durability after the upstream's first byte, p99", wait_p99, round(allowed), "µs")
    for share in ("p50", "p99", "p999"):
        added = minus(median(ours, "first_byte_us", share), median(bare, "first_byte_us", share))
        row(f"first byte beside the bare upstream, added {share}", "", added, "µs", None)
    at_most("CPU of a whole request", median(runs.get("whole/cinnabar", []), "cpu_us_per_request"), 150, "µs")
    at_most("CPU of a streamed event", median(runs.get("stream/cinnabar", []), "cpu_us_per_event"), 10, "µs")
    throughput = median(runs.get("throughput/cinnabar", []), "per_second")
    row("whole answers, 256 connections", "", throughput, "/s", None)
    at_least("throughput beside LiteLLM", over(throughput, median(runs.get("throughput/litellm", []), "per_second")), 20, "×")
    at_least("throughput beside Portkey", over(throughput, median(runs.get("throughput/portkey", []), "per_second")), 3, "×")
    at_most("a token's way through, p99", median(ours, "forward_us", "p99"), 1000, "µs")
    row("the same at the bare upstream, p99", "", median(bare, "forward_us", "p99"), "µs", None)
    at_most("resident, idle", idle_kb / 1024, 65, "MB")
    at_most("memory of an open stream", each_more(runs.get("memory/cinnabar", [])), 40, "KB")
    row("the same with what the first streams take once", "", each(runs.get("memory/cinnabar", [])), "KB", None)
    return rows


def table(record: dict) -> str:
    mark = {True: "yes", False: "**no**", None: ""}
    lines = [
        f"# {record['date']}, revision {record['revision']}",
        "",
        f"{record['machine']}. Load averages {record['load']}. `{record['command']}`",
        "",
        "| measure | bound | measured | holds |",
        "|---|---|---|---|",
    ]
    for row in record["promises"]:
        lines.append(f"| {row['what']} | {row['bound']} | {shown(row['measured'], row['unit'])} | {mark[row['holds']]} |")
    lines += [
        "",
        "| run | failed | /s | first byte p50 | p99 | p99.9 | total p50 | p99 | forward p50 | p99 | CPU µs/request | CPU µs/event |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, runs in record["runs"].items():
        if name in ("disk",) or name.startswith("memory/"):
            continue
        cells = [
            median(runs, "failed"), median(runs, "per_second"),
            *(median(runs, "first_byte_us", share) for share in ("p50", "p99", "p999")),
            *(median(runs, "total_us", share) for share in ("p50", "p99")),
            *(median(runs, "forward_us", share) if median(runs, "forward_us", "count") else None for share in ("p50", "p99")),
            median(runs, "cpu_us_per_request"), median(runs, "cpu_us_per_event"),
        ]
        lines.append(f"| {name} | " + " | ".join(shown(cell) for cell in cells) + " |")
    lines += ["", "Times in microseconds, medians of the rounds. The disk's own fdatasync: "
              + shown(median(record["runs"].get("disk", []), "fdatasync_us", "p50"), "µs p50, ")
              + shown(median(record["runs"].get("disk", []), "fdatasync_us", "p99"), "µs p99.")]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for flag in ("raw", "before", "after", "out"):
        parser.add_argument(f"--{flag}", type=pathlib.Path, required=True)
    parser.add_argument("--idle-kb", type=int, required=True)
    parser.add_argument("--command", required=True)
    parser.add_argument("--revision", required=True)
    arguments = parser.parse_args()
    runs = read_lines(arguments.raw)
    record = {
        "date": datetime.date.today().isoformat(),
        "revision": arguments.revision,
        "machine": f"{processor()}, {os.cpu_count()} cores, Linux {platform.release()}",
        "load": " ".join(f"{value:.1f}" for value in os.getloadavg()),
        "command": arguments.command,
        "idle_resident_kb": arguments.idle_kb,
        "promises": promises(runs, arguments.idle_kb, arguments.before.read_text(), arguments.after.read_text()),
        "runs": runs,
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.with_name(arguments.out.name + ".json").write_text(json.dumps(record, indent=1) + "\n")
    arguments.out.with_name(arguments.out.name + ".md").write_text(table(record))


if __name__ == "__main__":
    main()

"""Makes the text and the word lists of the lexicon benchmark from the public sets in a data folder; the same every time.

    words.py DATA OUT

Text: the Chinese evaluation sets (COLD test, AlignBench, CValues, Flames, SafetyBench), the strings of their rows one a line,
up to 8 MB by going round.
Words: of N, seven in ten are pieces of the Chinese runs of the training and evaluation sets: a place drawn evenly (so that
frequent pieces come more often), a length of 2 to 8 characters drawn with the weights below, doubles drawn again. Three in ten
are characters drawn one by one as often as the sets have them, of the same lengths. A real list hits a harmless text rarely:
words that stand in the text are left out but for one in 500 (by CRC-32), so that the engine walks along many beginnings and
finds little. `dense-N` leaves none out: several hits in every sentence.
"""

import csv
import json
import pathlib
import random
import re
import sys
import zlib

SEED = 20261125
WEIGHTS = {2: 15, 3: 25, 4: 30, 5: 10, 6: 9, 7: 6, 8: 5}
SIZES = (10_000, 100_000, 1_000_000)
TEXT_BYTES = 8_000_000


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def rows(path):
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".jsonl":
        for line in text.splitlines():
            if line.strip():
                yield from strings(json.loads(line))
    elif path.suffix == ".json":
        yield from strings(json.loads(text))
    elif path.suffix == ".csv":
        for row in csv.reader(text.splitlines()):
            yield from row
    elif path.suffix == ".txt":
        yield from text.splitlines()


def corpus(folder):
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".jsonl", ".json", ".csv", ".txt"):
            try:
                yield from rows(path)
            except (json.JSONDecodeError, csv.Error):
                continue


def main():
    data, out = map(pathlib.Path, sys.argv[1:3])
    out.mkdir(parents=True, exist_ok=True)
    han = re.compile(r"[\u4e00-\u9fff]{2,}")
    text = "\n".join(
        line
        for name in ("cold", "alignbench", "cvalues", "flames", "safetybench")
        for line in corpus(data / "eval" / name)
        if han.search(line)
    )
    runs = [run for folder in ("train", "eval") for line in corpus(data / folder) for run in han.findall(line)]
    joined = "\n".join(runs)
    present = {n: set() for n in WEIGHTS}
    for run in han.findall(text):
        for n in WEIGHTS:
            present[n].update(run[i : i + n] for i in range(len(run) - n + 1))
    letters = joined.replace("\n", "")
    lengths, weights = zip(*WEIGHTS.items())

    def draw(count, is_dense):
        rng = random.Random(SEED + count)
        words = set()

        def fill(target, make):
            while len(words) < target:
                word = make(rng.choices(lengths, weights)[0])
                if word is None or word in words:
                    continue
                if not is_dense and word in present[len(word)] and zlib.crc32(word.encode()) % 500:
                    continue
                words.add(word)

        def piece(length):
            at = rng.randrange(len(joined) - length)
            word = joined[at : at + length]
            return None if "\n" in word else word

        fill(count * 7 // 10, piece)
        fill(count, lambda length: "".join(rng.choices(letters, k=length)))
        return sorted(words)

    encoded = (text + "\n").encode()
    repeats = -(-TEXT_BYTES // len(encoded))
    (out / "text.txt").write_bytes((encoded * repeats)[:TEXT_BYTES].decode(errors="ignore").encode())
    for count in SIZES:
        (out / f"words-{count}.txt").write_text("\n".join(draw(count, False)) + "\n")
    (out / "words-dense-100000.txt").write_text("\n".join(draw(100_000, True)) + "\n")
    print(f"{len(joined)} characters of runs, {len(encoded)} bytes of different text", file=sys.stderr)


if __name__ == "__main__":
    main()

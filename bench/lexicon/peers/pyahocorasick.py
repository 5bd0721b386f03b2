"""pyahocorasick over the characters of the text as it stands: pyahocorasick.py WORDS TEXT ROUNDS."""

import json
import pathlib
import resource
import sys
import time

import ahocorasick

words_path, text_path = map(pathlib.Path, sys.argv[1:3])
words = words_path.read_text().split("\n")[:-1]
text = text_path.read_text()


def resident_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


before = resident_kb()
start = time.thread_time()
automaton = ahocorasick.Automaton()
for word in words:
    automaton.add_word(word, 1)
automaton.make_automaton()
build = time.thread_time() - start
kept = resident_kb() - before
best, hits = float("inf"), 0
for _ in range(int(sys.argv[3])):
    start = time.thread_time()
    hits = sum(1 for _ in automaton.iter(text))
    best = min(best, time.thread_time() - start)
print(json.dumps({
    "engine": "pyahocorasick", "words": len(words), "list": words_path.stem, "mb_per_s": text_path.stat().st_size / best / 1e6,
    "build_s": build, "heap_mb": kept / 1024, "hits": hits,
}))

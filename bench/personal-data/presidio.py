#!/usr/bin/env python3
"""Presidio on the same lines: `presidio.py FOLDER`, which holds what generate.py wrote. Prints one JSON object.

Needs `pip install presidio-analyzer` and nothing from a hub: Chinese and English run over blank pipelines, since all the types that
are compared are found by patterns. The recognisers that Presidio loads by default for Chinese and for English are on, with its default
threshold, and a Chinese line counts as found where those of either language find it. It is slow, so a sample is taken: every n-th line.
"""

import json
import sys
import time
from pathlib import Path

import spacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine.spacy_nlp_engine import SpacyNlpEngine

# Which of its types stand for ours; a type that it does not have is missed.
SAME = {
    "mobile-phone": {"PHONE_NUMBER"},
    "bank-card": {"CREDIT_CARD"},
    "email": {"EMAIL_ADDRESS"},
    "ip-address": {"IP_ADDRESS"},
    "resident-id": {"CN_ID", "CN_RESIDENT_ID"},
    "passport": {"CN_PASSPORT", "PASSPORT"},
    "social-credit-code": {"CN_USCC"},
    "number-plate": {"CN_LICENSE_PLATE", "CN_VEHICLE_PLATE"},
}


BOTH = ["zh", "en"]


class Blank(SpacyNlpEngine):
    """Tokens without a model."""

    def __init__(self):
        super().__init__(models=[{"lang_code": "zh", "model_name": "blank"}, {"lang_code": "en", "model_name": "blank"}])
        self.nlp = {"zh": spacy.blank("zh"), "en": spacy.blank("en")}

    def load(self):
        pass

    def is_loaded(self):
        return True


def rows(path, step):
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[::step]]


def bounds(hits, count, z=1.959964):
    n = max(count, 1)
    p = hits / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * ((p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5)
    return [max(centre - half, 0), min(centre + half, 1)]


def share(hits, count):
    return {"hits": hits, "of": count, "share": hits / max(count, 1), "bounds": bounds(hits, count)}


def analyse(analyzer, text, languages):
    return [found for language in languages for found in analyzer.analyze(text, language=language)]


def recall(analyzer, planted, languages, kinds):
    counts = {kind: [0, 0] for kind in kinds}
    for row in planted:
        if row["type"] not in counts:
            continue
        found = analyse(analyzer, row["text"], languages)
        names = SAME[row["type"]]
        hit = any(r.entity_type in names and r.start == row["start"] and r.end == row["end"] for r in found)
        counts[row["type"]][0] += hit
        counts[row["type"]][1] += 1
    total = [sum(column) for column in zip(*counts.values())]
    return {"all": share(*total), "kinds": {kind: share(*count) for kind, count in counts.items() if count[1]}}


def main():
    folder = Path(sys.argv[1])
    registry = RecognizerRegistry(supported_languages=["zh", "en"])
    registry.load_predefined_recognizers(languages=["zh", "en"])
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["zh", "en"])
    # The types come by turns of eight, so that the step must have no divisor in common with it.
    planted = rows(folder / "planted.jsonl", 7)
    natural = rows(folder / "natural.jsonl", 40)
    start = time.process_time()
    compared = set().union(*SAME.values())
    natural_hits = sum(any(r.entity_type in compared for r in analyse(analyzer, row["text"], BOTH)) for row in natural)
    took = time.process_time() - start
    misses = [row for row in planted if row["type"] is None]
    miss_hits = sum(any(r.entity_type in compared for r in analyse(analyzer, row["text"], BOTH)) for row in misses)
    report = {
        "recognisers": {language: sorted(r.name for r in registry.get_recognizers(language=language, all_fields=True)) for language in BOTH},
        "planted": recall(analyzer, planted, BOTH, SAME),
        "near misses": share(miss_hits, len(misses)),
        "natural": share(natural_hits, len(natural)),
        "MB/s, natural lines": sum(len(row["text"].encode()) for row in natural) / 1e6 / took,
    }
    english = folder / "english.jsonl"
    if english.exists():
        report["english"] = recall(analyzer, rows(english, 1), ["en"], ["email", "ip-address", "bank-card"])
    print(json.dumps(report, ensure_ascii=False, indent=2))


main()

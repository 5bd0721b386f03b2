#!/usr/bin/env python3
"""Sentences with personal data of known place, and near misses, made anew from a fixed seed.

usage: generate.py DATA OUT

DATA is a folder with the public sets (`train/cold`, `eval/cvalues`, `eval/alignbench`): their lines without digits, `@` and `.`
are what the values stand in, at a place drawn at random, mostly between two Chinese characters. OUT gets

  planted.jsonl  {"text", "type", "start", "end", "style"}: places in characters; type null for a near miss
  natural.jsonl  {"text", "source"}: real lines as they are, for false hits
  english.jsonl  Presidio's own set in the shape of the first, of the types that both tools have

Eight types in three styles (plain, full-width, grouped where people group), and further types in one style. A passport that
does not begin with E stands behind the word that the detector asks for; so do the further types that ask for one.
"""

import csv
import itertools
import json
import random
import sys
from pathlib import Path

SHARED = {"EMAIL_ADDRESS": "email", "IP_ADDRESS": "ip-address", "CREDIT_CARD": "bank-card"}
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
AREAS = ("110101", "310104", "440305", "330106", "510107", "420111", "610113", "350203", "320508", "230103", "540102", "710000")
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PLATE = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
rng = random.Random(20251125)


def digits(count, first="0123456789"):
    return rng.choice(first) + "".join(rng.choice("0123456789") for _ in range(count - 1))


def resident_id(valid=True):
    born = f"{rng.randint(1940, 2015)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    body = rng.choice(AREAS) + born + digits(3)
    check = "10X98765432"[sum(int(c) * w for c, w in zip(body, ID_WEIGHTS)) % 11]
    return body + (check if valid else rng.choice([c for c in "0123456789X" if c != check]))


def luhn(body):
    total = sum(d if i % 2 else d * 2 - (9 if d > 4 else 0) for i, d in enumerate(map(int, reversed(body))))
    return (10 - total % 10) % 10


def bank_card(valid=True):
    head, length = rng.choice([("622202", 19), ("621700", 19), ("622848", 19), ("625955", 16), ("4", 16), ("51", 16), ("55", 16), ("62122", 19), ("3528", 16)])
    body = head + digits(length - len(head) - 1)
    return body + str((luhn(body) + (0 if valid else rng.randint(1, 9))) % 10)


def phone():
    head = rng.choice("130 131 135 136 138 139 147 150 151 155 158 159 166 170 176 177 180 181 186 187 188 189 191 198 199".split())
    return head + digits(8)


def organisation_code(valid=True):
    body = "".join(rng.choice(CREDIT) for _ in range(8))
    total = sum(int(c, 36) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2)))
    checks = "0X987654321"
    return body + (checks[total % 11] if valid else rng.choice([c for c in checks if c != checks[total % 11]]))


def credit_code(valid=True):
    body = rng.choice(["91", "92", "93", "11", "12", "51", "52"]) + rng.choice(AREAS) + organisation_code()
    total, weight = 0, 1
    for c in body:
        total += CREDIT.index(c) * weight
        weight = weight * 3 % 31
    check = CREDIT[-total % 31]
    return body + (check if valid else rng.choice([c for c in CREDIT if c != check]))


def plate():
    head = rng.choice(PROVINCES) + rng.choice("ABCDEFGH")
    if rng.random() < 0.3:  # new energy
        return head + rng.choice("DF") + rng.choice(PLATE) + digits(4)
    number = list(digits(5))
    for place in rng.sample(range(5), rng.randint(0, 2)):
        number[place] = rng.choice(LETTERS)
    return head + "".join(number)


def passport():
    if rng.random() < 0.7:
        return "", rng.choice(["E" + digits(8), "E" + rng.choice(LETTERS) + digits(7)])
    return "护照号", rng.choice("GDSP") + digits(8)


def email():
    name = "".join(rng.choice("abcdefghijklmnop") for _ in range(6)) + str(rng.randint(1, 999))
    return name + "@" + rng.choice(["qq.com", "163.com", "gmail.com", "example.com.cn"])


def ip_address():
    while True:
        octets = [rng.randint(1, 223)] + [rng.randint(0, 254) for _ in range(3)]
        private = octets[0] in (10, 127) or octets[:2] in ([192, 168], [169, 254]) or (octets[0] == 172 and 16 <= octets[1] < 32) or (octets[0] == 100 and 64 <= octets[1] < 128)
        if not private:
            return ".".join(map(str, octets))


def bare(make):
    return lambda: ("", make())


EIGHT = {
    "resident-id": bare(resident_id),
    "mobile-phone": bare(phone),
    "bank-card": bare(bank_card),
    "passport": passport,
    "email": bare(email),
    "ip-address": bare(ip_address),
    "social-credit-code": bare(credit_code),
    "number-plate": bare(plate),
}
NUMERALS = ("零一二三四五六七八九", "〇幺二三四五六七八九", "零壹贰叁肆伍陆柒捌玖")
ROADS = ("建国路", "中山东路", "解放大道", "人民街", "文三路", "科技园南路")


def spoken_phone():
    table, value = rng.choice(NUMERALS), phone()
    if rng.random() < 0.3:
        return "".join(table[int(c)] if i and rng.random() < 0.5 else c for i, c in enumerate(value[:-1])) + table[int(value[-1])]
    return "".join(table[int(c)] for c in value)


def address():
    area = rng.choice(["北京市朝阳区", "广东省深圳市南山区", "浙江省杭州市西湖区", "四川省成都市武侯区", "上海市浦东新区"])
    flat = rng.choice(["", f"{rng.randint(1, 30)}栋{rng.randint(101, 2903)}室", f"{rng.randint(1, 9)}单元{rng.randint(101, 1802)}"])
    return "家住", area + rng.choice(ROADS) + f"{rng.randint(1, 999)}号" + flat


def key():
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    run = lambda count: "".join(rng.choice(alphabet) for _ in range(count))
    return rng.choice([("sk-", run(48)), ("ghp_", run(36)), ("AKIA", "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ234567") for _ in range(14)) + "27"), ("AIza", run(35))])


FURTHER = {
    "landline": bare(lambda: rng.choice(["010-", "021-", "0755-"]) + digits(8, "2345678")),
    "mobile-phone (numerals)": bare(spoken_phone),
    "travel-permit": lambda: (rng.choice(["通行证号", "回乡证"]), rng.choice("HM") + digits(rng.choice([8, 10]))),
    "organisation-code": lambda: ("组织机构代码", (lambda code: code[:8] + "-" + code[8])(organisation_code())),
    "ip-address (v6)": bare(lambda: "2409:8a" + f"{rng.randint(0, 99):02d}:" + ":".join(f"{rng.randint(1, 65535):x}" for _ in range(6))),
    "address": address,
    "name": lambda: ("姓名：", rng.choice("王李张刘陈杨黄赵吴周") + rng.choice("伟芳娜敏静强磊军洋勇") + rng.choice(["，", "杰，", "涛，"])),
    "api-key": key,
    "password": lambda: (rng.choice(["密码是", "密码：", "password="]), rng.choice(["Tiger", "abc", "Qwer"]) + digits(5)),
}
NEAR_MISSES = [
    lambda: digits(12, "123456789"),
    lambda: resident_id(False),
    lambda: "622202" + (lambda body: body + str((luhn("622202" + body) + rng.randint(1, 9)) % 10))(digits(12)),
    lambda: f"20{rng.randint(10, 26)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{rng.randint(0, 235959):06d}",
    lambda: "DD" + digits(16, "123456789"),
    lambda: f"{rng.randint(1, 9)}.{rng.randint(0, 99)}.{rng.randint(0, 999)}",
    lambda: "2" + digits(10),
    lambda: digits(20, "123456789"),
    lambda: credit_code(False),
    lambda: rng.choice(PROVINCES) + rng.choice(LETTERS) + digits(4),
    lambda: "192.168." + f"{rng.randint(0, 255)}.{rng.randint(1, 254)}",
    lambda: "订单号E" + digits(10),
    lambda: f"¥{rng.randint(1000, 99999999)}.{rng.randint(0, 99):02d}",
    lambda: f"{rng.randint(2000, 2026)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d} {rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}",
]


def full_width(text):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def styled(kind, value, style):
    if style == "full-width":
        return full_width(value)
    if style == "grouped":
        gap = rng.choice(" -")
        if kind == "mobile-phone":
            return gap.join((value[:3], value[3:7], value[7:]))
        if kind == "bank-card":
            return gap.join(value[i : i + 4] for i in range(0, len(value), 4))
        if kind == "resident-id":
            return gap.join((value[:6], value[6:14], value[14:]))
        if kind == "number-plate":
            return value[:2] + "·" + value[2:]
    return value


def joins(c):
    """Whether a character belongs to the word or the number beside it."""
    return (c.isalnum() and ord(c) < 0x0E00) or c in "〇○零一二三四五六七八九十百千万壹贰叁肆伍陆柒捌玖幺"


def column(path, name):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]


def lines_of(path, *names):
    rows = (json.loads(line) for line in open(path, encoding="utf-8") if line.strip())
    return [line for row in rows for name in names for line in str(row.get(name) or "").split("\n")]


def main():
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    sources = {
        "cold": [text for part in ("train/cold/train.csv", "train/cold/dev.csv", "eval/cold/test.csv") for text in column(data / part, "TEXT")],
        "cvalues": lines_of(data / "eval/cvalues/cvalues_responsibility_prompts.jsonl", "prompt"),
        "alignbench": lines_of(data / "eval/alignbench/data_v1.1_release.jsonl", "question", "reference"),
    }
    natural = [(source, line.strip()) for source, lines in sources.items() for line in lines if line.strip()]
    with open(out / "natural.jsonl", "w", encoding="utf-8") as file:
        for source, text in natural:
            file.write(json.dumps({"text": text, "source": source}, ensure_ascii=False) + "\n")
    hosts = [line for _, line in natural if 10 <= len(line) <= 50 and not any(c.isdigit() or c in "@." for c in line)]
    rng.shuffle(hosts)
    rows, host = [], itertools.cycle(hosts)
    for number in range(16000):
        kind = list(EIGHT)[number % len(EIGHT)]
        style = ("plain", "full-width", "grouped")[number // len(EIGHT) % 3]
        before, value = EIGHT[kind]()
        value = styled(kind, value, style)
        rows.append((kind, style, before, value, next(host)))
    for number in range(len(FURTHER) * 300):
        kind = list(FURTHER)[number % len(FURTHER)]
        before, value = FURTHER[kind]()
        rows.append((kind, "further", before, value, next(host)))
    for number in range(7000):
        rows.append((None, "near miss", "", NEAR_MISSES[number % len(NEAR_MISSES)](), next(host)))
    with open(out / "planted.jsonl", "w", encoding="utf-8") as file:
        for kind, style, before, value, line in rows:
            # Beside a letter or a numeral the value would be part of a longer word or number.
            places = [at for at in range(2, len(line) - 1) if not any(map(joins, line[at - 1 : at + 1]))]
            at = rng.choice(places or [len(line)])
            if not places:
                line += "，"
                at += 1
            text = line[:at] + before + value + line[at:]
            start = at + len(before)
            end = start + len(value.rstrip("，"))
            file.write(json.dumps({"text": text, "type": kind, "start": start, "end": end, "style": style}, ensure_ascii=False) + "\n")
    with open(data / "eval/presidio/synth_dataset_v2.json", encoding="utf-8") as file, open(out / "english.jsonl", "w", encoding="utf-8") as english:
        for row in json.load(file):
            for span in row["spans"]:
                if span["entity_type"] in SHARED:
                    found = {"type": SHARED[span["entity_type"]], "start": span["start_position"], "end": span["end_position"]}
                    english.write(json.dumps({"text": row["full_text"], "style": "english", **found}, ensure_ascii=False) + "\n")


main()

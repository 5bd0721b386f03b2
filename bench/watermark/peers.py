"""blind-watermark (PyPI) on the pictures of a folder: exact messages of 48 bits, decibels, processor milliseconds.

    python peers.py FOLDER        needs blind-watermark, opencv-python-headless, numpy
"""

import sys
import time
from pathlib import Path

import blind_watermark
import cv2
import numpy as np
from blind_watermark import WaterMark

blind_watermark.bw_notes.close()
BITS = [int(bit) for bit in np.random.default_rng(1).integers(0, 2, 48)]


def jpeg(image, quality):
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


def scaled(image, factor):
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def cropped(image, part):
    height, width = image.shape[:2]
    high, wide = round(height * part), round(width * part)
    top, left = (height - high) * 4 // 7, (width - wide) * 3 // 7
    return image[top : top + high, left : left + wide]


ATTACKS = {
    "none": lambda image: image,
    "JPEG 75": lambda image: jpeg(image, 75),
    "JPEG 50": lambda image: jpeg(image, 50),
    "JPEG 30": lambda image: jpeg(image, 30),
    "resize 0.5": lambda image: scaled(image, 0.5),
    "crop 0.75": lambda image: cropped(image, 0.75),
    "mirrored": lambda image: image[:, ::-1],
    "brighter 20 %": lambda image: np.clip(image * 1.2, 0, 255).astype(np.uint8),
}


def mark(password=1):
    return WaterMark(password_img=password, password_wm=password)


def main(folder):
    cv2.setNumThreads(1)
    exact, decibels, writing, reading, pictures = dict.fromkeys(ATTACKS, 0), [], 0.0, 0.0, 0
    for path in sorted(Path(folder).iterdir()):
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
        writer = mark()
        start = time.process_time()
        writer.read_img(img=image)
        writer.read_wm(BITS, mode="bit")
        marked = np.clip(np.round(writer.embed()), 0, 255).astype(np.uint8)
        writing += time.process_time() - start
        pictures += 1
        error = np.mean((marked.astype(float) - image) ** 2)
        decibels.append(10 * np.log10(255**2 / error))
        for name, attack in ATTACKS.items():
            start = time.process_time()
            try:
                found = mark().extract(embed_img=np.ascontiguousarray(attack(marked)), wm_shape=48, mode="bit")
                exact[name] += [int(bit > 0.5) for bit in found] == BITS
            except (AssertionError, IndexError, ValueError):
                pass  # Too small for the message: not read.
            reading += time.process_time() - start
    print(f"{pictures} pictures, {np.mean(decibels):.1f} dB, writing {1e3 * writing / pictures:.0f} ms, "
          f"reading {1e3 * reading / pictures / len(ATTACKS):.0f} ms")
    for name, count in exact.items():
        print(f"| {name} | {count} of {pictures} |")


main(sys.argv[1])

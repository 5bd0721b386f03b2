#!/usr/bin/env python3
"""What signing and reading a manifest cost the provenance worker, in CPU of its process and in time over its socket.

    bench/provenance.py target/release/cinnabar-provenance [REQUESTS]

Needs Pillow, which makes the pictures: 1024 x 1024, colours of a seeded grid, smoothly enlarged.
"""

import io
import json
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import time

from PIL import Image

MAGIC = b"CNP1"


class Worker:
    def __init__(self, binary, folder):
        path = os.path.join(folder, "worker.sock")
        arguments = [binary, "--socket", path, "--keys", os.path.join(folder, "keys"), "--until-input-ends"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(arguments, **pipes)
        assert self.process.stdout.readline() == b"ready\n"
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)

    def receive(self, count):
        parts = []
        while count:
            part = self.socket.recv(min(1 << 20, count))
            assert part, "the worker closed the connection"
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def ask(self, head, body):
        head = json.dumps(head).encode()
        self.socket.sendall(MAGIC + struct.pack(">IQ", len(head), len(body)) + head)
        self.socket.sendall(body)
        head_bytes, body_bytes = struct.unpack(">IQ", self.receive(16)[4:])
        return json.loads(self.receive(head_bytes)), self.receive(body_bytes)

    def stat(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(line.split(maxsplit=1)[1].strip() for line in file if line.startswith("VmHWM"))


def sign_request(media_type):
    disclosure = {"provider": "P", "system": "S", "version": "1", "time": "2026-11-25T14:00:00Z", "id": "1", "extent": "created"}
    return {
        "ask": "sign",
        "format": media_type,
        "title": None,
        "origin": "generated",
        "parent": None,
        "disclosure": disclosure,
        "gb_label": '{"Label":"1"}',
        "soft_bindings": [{"alg": "org.cinnabar.mark.1", "value": "01"}],
    }


def pictures():
    random.seed(1)
    grid = Image.new("RGB", (64, 64))
    grid.putdata([tuple(random.randrange(256) for _ in range(3)) for _ in range(64 * 64)])
    picture = grid.resize((1024, 1024), Image.BICUBIC)
    for media_type, name, options in [
        ("image/jpeg", "JPEG", {"quality": 90}),
        ("image/png", "PNG", {}),
        ("image/webp", "WEBP", {"quality": 90}),
    ]:
        out = io.BytesIO()
        picture.save(out, name, **options)
        yield media_type, name, out.getvalue()


def main():
    binary = os.path.abspath(sys.argv[1])
    requests = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    with tempfile.TemporaryDirectory() as folder:
        worker = Worker(binary, folder)
        for media_type, name, asset in pictures():
            reply, signed = worker.ask(sign_request(media_type), asset)
            assert reply["answer"] == "signed" and reply["state"] == "intact", reply
            print(f"{name}: {len(asset):,} bytes, the manifest adds {len(signed) - len(asset):,}")
            read = {"ask": "read", "format": media_type}
            for what, head, body in [
                ("sign", sign_request(media_type), asset),
                ("read", read, signed),
                ("read without manifest", read, asset),
            ]:
                before, best = worker.stat(), float("inf")
                for _ in range(requests):
                    start = time.perf_counter()
                    worker.ask(head, body)
                    best = min(best, time.perf_counter() - start)
                cpu = (worker.stat() - before) / requests
                print(f"  {what}: {cpu * 1000:.1f} ms CPU, best of {requests} {best * 1000:.1f} ms")
        print(f"peak memory of the worker: {worker.peak()}")
        worker.process.stdin.close()
        worker.process.wait()


if __name__ == "__main__":
    main()

"""The official Python SDK of OpenAI against the built binary.

Starts the mock upstream of this folder (Node) and the binary in a temporary folder, compares what the
SDK sees through Cinnabar with what it sees from the upstream itself, and ends with one line
`N passed, N failed, N skipped`.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.request

import openai
from openai import AsyncOpenAI, OpenAI

HERE = pathlib.Path(__file__).resolve().parent
MODEL = "mock-chat"
QUESTION = [{"role": "user", "content": "How is the weather at the harbour?"}]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "The weather of a city",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    }
]


def binary() -> str:
    named = os.environ.get("CINNABAR_BIN")
    if named:
        return str(pathlib.Path(named).resolve())
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target"))
    return str(target / "debug" / "cinnabar")


def read_fact(process: subprocess.Popen[str], event: str, seconds: float) -> dict:
    """Reads printed lines up to the JSON line of this event."""
    facts: dict = {}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        line = process.stdout.readline()
        if not line:
            break
        if not line.startswith("{"):
            continue
        fact = json.loads(line)
        facts.update(fact)
        if fact.get("event") == event:
            return facts
    raise RuntimeError(f"no `{event}` line from {process.args}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Bench:
    """Both servers and the two clients."""

    def __init__(self, folder: str) -> None:
        self.upstream = subprocess.Popen(["node", str(HERE / "lib" / "upstream.mjs")], stdout=subprocess.PIPE, text=True)
        url = read_fact(self.upstream, "ready", 10)["url"]
        pathlib.Path(folder, "cinnabar.toml").write_text(f'[upstream]\nbase_url = "{url}"\nmodels = ["{MODEL}"]\n')
        self.log = open(os.path.join(folder, "stderr.log"), "w", encoding="utf-8")
        self.server, facts = self.serve(folder)
        self.base_url = facts["url"] + "/v1"
        self.key = facts["key"]
        self.direct = OpenAI(api_key="none", base_url=url, max_retries=0)
        self.through = OpenAI(api_key=self.key, base_url=self.base_url, max_retries=0)
        # Pictures and speech come from the built-in demo model.
        second = pathlib.Path(folder, "demo")
        second.mkdir()
        self.demo_server, facts = self.serve(str(second))
        self.demo_url = facts["url"]
        self.demo = OpenAI(api_key=facts["key"], base_url=facts["url"] + "/v1", max_retries=0)

    def serve(self, folder: str) -> tuple[subprocess.Popen[str], dict]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CINNABAR_")}
        environment |= {"CINNABAR_PRINT": "json", "CINNABAR_BIND": f"127.0.0.1:{free_port()}"}
        server = subprocess.Popen(
            [binary(), "serve"], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        return server, read_fact(server, "ready", 30)

    def verified(self, file: bytes) -> dict:
        """What the service's own reader finds in a file, without an account."""
        request = urllib.request.Request(self.demo_url + "/api/v1/verify/file", data=file, method="POST")
        request.add_header("content-type", "application/octet-stream")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def close(self) -> None:
        for server in (self.server, self.demo_server):
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
        self.upstream.kill()
        self.log.close()


def bare(model) -> dict:
    """Without what Cinnabar adds to a body."""
    value = model.to_dict()
    value.pop("cinnabar", None)
    value.pop("aigc", None)
    return value


def assert_labelled(labelled: str, plain: str, produce_id: str) -> None:
    assert labelled.startswith(plain), f"the answer was changed:\n{labelled}\n{plain}"
    label = labelled[len(plain) :]
    assert produce_id in label, f"the label does not name {produce_id}: {label!r}"


def text_of(chunks, index: int = 0) -> str:
    return "".join(
        choice.delta.content or "" for chunk in chunks for choice in chunk.choices if choice.index == index
    )


def test_models_are_listed(bench: Bench) -> None:
    ids = [model.id for model in bench.through.models.list()]
    assert MODEL in ids, ids


def test_whole_answer_is_the_upstream_answer_with_a_label(bench: Bench) -> None:
    wanted = bare(bench.direct.chat.completions.create(model=MODEL, messages=QUESTION))
    raw = bench.through.chat.completions.with_raw_response.create(model=MODEL, messages=QUESTION)
    produce_id = raw.headers["x-cinnabar-produce-id"]
    completion = raw.parse()
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", produce_id), produce_id
    assert completion.model_extra["cinnabar"]["produce_id"] == produce_id
    assert "aigc" in completion.model_extra
    got = bare(completion)
    assert_labelled(got["choices"][0]["message"]["content"], wanted["choices"][0]["message"]["content"], produce_id)
    got["choices"][0]["message"]["content"] = wanted["choices"][0]["message"]["content"]
    assert got == wanted, (got, wanted)


def test_stream_adds_up(bench: Bench) -> None:
    wanted = list(bench.direct.chat.completions.create(model=MODEL, messages=QUESTION, stream=True))
    got = list(bench.through.chat.completions.create(model=MODEL, messages=QUESTION, stream=True))
    produce_id = got[0].model_extra["cinnabar"]["produce_id"]
    assert_labelled(text_of(got), text_of(wanted), produce_id)
    finishes = [choice.finish_reason for chunk in got for choice in chunk.choices if choice.finish_reason]
    assert finishes == ["stop"], finishes
    assert all(chunk.usage is None for chunk in got)


def test_stream_helper_ends_with_usage(bench: Bench) -> None:
    with bench.through.chat.completions.stream(
        model=MODEL, messages=QUESTION, stream_options={"include_usage": True}
    ) as stream:
        for _ in stream:
            pass
        final = stream.get_final_completion()
    assert final.usage is not None and final.usage.total_tokens > 0
    assert final.choices[0].finish_reason == "stop"


def test_two_choices(bench: Bench) -> None:
    wanted = bench.direct.chat.completions.create(model=MODEL, messages=QUESTION, n=2)
    got = bench.through.chat.completions.create(model=MODEL, messages=QUESTION, n=2)
    assert len(got.choices) == 2
    for mine, theirs in zip(got.choices, wanted.choices):
        assert_labelled(mine.message.content, theirs.message.content, got.model_extra["cinnabar"]["produce_id"])
    chunks = list(bench.through.chat.completions.create(model=MODEL, messages=QUESTION, n=2, stream=True))
    for index in range(2):
        assert text_of(chunks, index).startswith(wanted.choices[index].message.content)


def test_tool_calls_are_unedited(bench: Bench) -> None:
    wanted = bare(bench.direct.chat.completions.create(model=MODEL, messages=QUESTION, tools=TOOLS))
    got = bench.through.chat.completions.create(model=MODEL, messages=QUESTION, tools=TOOLS)
    assert bare(got) == wanted
    chunks = bench.through.chat.completions.create(model=MODEL, messages=QUESTION, tools=TOOLS, stream=True)
    arguments = "".join(
        call.function.arguments or ""
        for chunk in chunks
        for choice in chunk.choices
        for call in choice.delta.tool_calls or []
    )
    assert json.loads(arguments) == {"city": "Qingdao", "days": 3}


def test_json_answers_are_unedited(bench: Bench) -> None:
    request = {"model": MODEL, "messages": QUESTION, "response_format": {"type": "json_object"}}
    wanted = bare(bench.direct.chat.completions.create(**request))
    assert bare(bench.through.chat.completions.create(**request)) == wanted
    chunks = list(bench.through.chat.completions.create(**request, stream=True))
    assert json.loads(text_of(chunks)) == {"city": "Qingdao", "temperature": 21}


def test_log_probabilities_belong_to_the_text(bench: Bench) -> None:
    got = bench.through.chat.completions.create(model=MODEL, messages=QUESTION, logprobs=True)
    tokens = "".join(token.token for token in got.choices[0].logprobs.content)
    assert got.choices[0].message.content.startswith(tokens)


def test_vendor_fields_pass(bench: Bench) -> None:
    got = bench.through.chat.completions.create(model=MODEL, messages=QUESTION, extra_body={"vendor_switch": True})
    assert got.model_extra["vendor_note"] == {"kept": True}


def test_async_client(bench: Bench) -> None:
    async def many() -> list[str]:
        client = AsyncOpenAI(api_key=bench.key, base_url=bench.base_url, max_retries=0)

        async def one() -> str:
            stream = await client.chat.completions.create(model=MODEL, messages=QUESTION, stream=True)
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])

        return await asyncio.gather(*(one() for _ in range(16)))

    texts = asyncio.run(many())
    assert len(set(texts)) == 16, "each answer carries a produce id of its own"


def test_errors_have_their_class_and_code(bench: Bench) -> None:
    cases = [
        ({"model": "nobody", "messages": QUESTION}, openai.NotFoundError, "model_not_found"),
        ({"model": MODEL, "messages": [{"role": "user", "content": "[[rate-limit]]"}]}, openai.RateLimitError, "rate_limit_exceeded"),
        ({"model": MODEL, "messages": [{"role": "user", "content": "[[server-error]]"}]}, openai.InternalServerError, None),
    ]
    for request, kind, code in cases:
        for stream in (False, True):
            try:
                bench.through.chat.completions.create(**request, stream=stream)
            except kind as error:
                assert code is None or error.code == code, (error.code, code)
            else:
                raise AssertionError(f"no {kind.__name__}")


def test_wrong_key(bench: Bench) -> None:
    try:
        OpenAI(api_key="ck-wrong", base_url=bench.base_url, max_retries=0).models.list()
    except openai.AuthenticationError as error:
        assert error.code
    else:
        raise AssertionError("a wrong key was accepted")


def test_moderations(bench: Bench) -> None:
    result = bench.through.moderations.create(input=["A quiet evening.", "Another one."])
    assert [item.flagged for item in result.results] == [False, False]
    found = bench.through.moderations.create(
        model="omni-moderation-latest", input=[{"type": "text", "text": "代开发票"}]
    ).results[0]
    assert found.flagged and found.categories.illicit and not found.categories.self_harm_intent
    assert found.category_scores.illicit == 1 and found.category_scores.hate_threatening == 0
    assert found.category_applied_input_types.illicit == ["text"]
    assert found.model_extra["cinnabar"]["categories"]["fraud"]


def assert_ours(bench: Bench, file: bytes, kind: str, produce_id: str) -> None:
    found = bench.verified(file)
    assert found["format"] == kind and found["state"] == "confirmed", found
    assert found["hidden_label"]["aigc"]["ProduceID"] == produce_id, found


def test_every_picture_carries_its_own_number(bench: Bench) -> None:
    answer = bench.demo.images.generate(prompt="a red boat at sea", n=2, size="128x128")
    numbers = [picture.model_extra["cinnabar"]["produce_id"] for picture in answer.data]
    assert len(set(numbers)) == 2 and answer.model_extra["cinnabar"]["produce_id"] == numbers[0]
    for picture, number in zip(answer.data, numbers):
        assert_ours(bench, base64.b64decode(picture.b64_json), "png", number)


def test_picture_at_an_address(bench: Bench) -> None:
    answer = bench.demo.images.generate(prompt="蓝色的海港", size="64x64", response_format="url")
    with urllib.request.urlopen(answer.data[0].url, timeout=30) as file:
        assert_ours(bench, file.read(), "png", answer.model_extra["cinnabar"]["produce_id"])


def test_edited_picture(bench: Bench) -> None:
    picture = bench.demo.images.generate(prompt="a hill", size="64x64").data[0]
    image = ("hill.png", base64.b64decode(picture.b64_json), "image/png")
    answer = bench.demo.images.edit(image=image, prompt="make it green", size="64x64")
    file = base64.b64decode(answer.data[0].b64_json)
    assert_ours(bench, file, "png", answer.model_extra["cinnabar"]["produce_id"])
    try:
        bench.demo.images.edit(image=image, prompt="remove the watermark")
    except openai.BadRequestError as error:
        assert error.code == "content_filter", error
    else:
        raise AssertionError("a request to remove the label was accepted")


def test_speech(bench: Bench) -> None:
    raw = bench.demo.audio.speech.with_raw_response.create(model="cinnabar-demo", voice="alloy", input="你好，世界。")
    assert raw.headers["content-type"] == "audio/wav"
    assert_ours(bench, raw.content, "wav", raw.headers["x-cinnabar-produce-id"])


def main() -> int:
    tests = [(name, value) for name, value in globals().items() if name.startswith("test_")]
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="cinnabar-sdk-") as folder:
        bench = Bench(folder)
        try:
            for name, test in tests:
                try:
                    test(bench)
                except Exception:  # every failure is reported, the next test still runs
                    failed += 1
                    print(f"failed: {name}")
                    traceback.print_exc()
                else:
                    passed += 1
                    print(f"passed: {name}")
        finally:
            bench.close()
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

// Streams an answer into the page. Without this script the form posts and a whole page comes back.
//
// Nothing is kept anywhere but in this page: the conversation travels with each request.

const form = document.getElementById("composer");
if (form) start(form);

function start(form) {
  const text = (name) => form.dataset[`text${name}`];
  const turns = document.getElementById("turns");
  const status = document.getElementById("status");
  const message = document.getElementById("message");
  const history = document.getElementById("history");
  const send = document.getElementById("send");
  const stop = document.getElementById("stop");
  /** What the next request carries: `{role, content}` and, for the page without script, label and produce id. */
  const said = parse(history.value) ?? [];
  let running = null;
  let number = said.length;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (running) return;
    const button = event.submitter;
    const prompt = button?.name === "example" ? button.value : message.value.trim();
    if (!prompt) {
      message.focus();
      return;
    }
    if (button?.name !== "example") message.value = "";
    ask(prompt);
  });

  message.addEventListener("keydown", (event) => {
    // While an input method composes, Enter chooses a candidate.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      form.requestSubmit(send);
    }
  });

  stop.addEventListener("click", () => running?.abort());

  async function ask(prompt) {
    running = new AbortController();
    send.disabled = true;
    stop.hidden = false;
    status.textContent = text("Waiting");
    const person = addTurn("person", text("You"));
    person.body.textContent = prompt;
    const answer = new Answer(form, text);
    let outcome = "Done";
    try {
      const response = await fetch(form.dataset.stream, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "text/event-stream",
          "x-cinnabar-session": form.elements.session.value,
        },
        body: JSON.stringify({
          model: form.dataset.model,
          messages: [...said.map(({ role, content }) => ({ role, content })), { role: "user", content: prompt }],
          stream: true,
        }),
        signal: running.signal,
      });
      if (!response.ok) {
        refuse(person, await response.text());
        return;
      }
      const turn = addTurn("model", text("Model"));
      answer.showIn(turn);
      status.textContent = text("Streaming");
      for await (const data of events(response.body)) answer.take(data);
      if (answer.failed) outcome = "Broken";
      else if (answer.decision || answer.filtered) outcome = "Blocked";
      else if (!answer.finished) outcome = "Broken";
    } catch (error) {
      outcome = error.name === "AbortError" ? "Stopped" : "Failed";
    } finally {
      answer.close();
      if (answer.turn) {
        // A prompt whose answer was stopped by a rule is not sent again with the next one.
        if (!answer.decision && answer.said) {
          said.push({ role: "user", content: prompt });
          said.push({ role: "assistant", content: answer.said, label: answer.label, produce_id: answer.produceId });
          history.value = JSON.stringify(said);
        }
        status.textContent = text(outcome);
      } else if (outcome === "Stopped" || outcome === "Failed") {
        status.textContent = text(outcome);
        message.value ||= prompt;
      }
      running = null;
      send.disabled = false;
      stop.hidden = true;
      message.focus({ preventScroll: true });
    }
  }

  /** Shows why a prompt was not answered. */
  function refuse(person, body) {
    const parsed = parse(body) ?? {};
    const found = decisionIn(parsed) ?? decisionIn(parsed.error) ?? null;
    const notice = found?.message ?? localised(parsed) ?? text("Failed");
    const link = found?.appeal ?? parsed.error?.page ?? parsed.cinnabar?.page;
    person.item.append(callout(notice, link, found ? text("Reasons") : text("More")));
    status.textContent = notice;
  }

  function localised(parsed) {
    const chinese = document.documentElement.lang.startsWith("zh");
    return (chinese ? (parsed.error?.message_zh ?? parsed.cinnabar?.message_zh) : null) ?? parsed.error?.message ?? null;
  }

  function addTurn(kind, speaker) {
    const item = element("li", `turn ${kind}`);
    const name = element("h2", "speaker", speaker);
    const body = element("div", "said");
    number += 1;
    body.id = `said-${number}`;
    item.append(name, body);
    turns.append(item);
    item.scrollIntoView({ block: "end" });
    return { item, body };
  }
}

/** One answer while it comes in. */
class Answer {
  constructor(form, text) {
    this.text = text;
    this.template = form.dataset.labelTemplate;
    this.said = "";
    this.turn = null;
    this.produceId = null;
    this.label = null;
    this.decision = null;
    this.filtered = false;
    this.failed = false;
    this.finished = false;
    this.closed = false;
  }

  showIn(turn) {
    this.turn = turn;
    turn.body.classList.add("growing");
  }

  /** Takes one event of the stream. */
  take(data) {
    if (data === "[DONE]") {
      this.finished = true;
      return;
    }
    const event = parse(data);
    if (!event) return;
    if (event.error) this.failed = true;
    this.produceId ??= event.cinnabar?.produce_id ?? event.aigc?.ProduceID ?? null;
    this.decision ??= decisionIn(event);
    const choice = event.choices?.[0];
    if (choice?.finish_reason === "content_filter") this.filtered = true;
    const piece = choice?.delta?.content;
    if (piece) {
      this.said += piece;
      this.turn.body.append(piece);
    }
  }

  /** Puts label, links and reasons under the answer. */
  close() {
    if (!this.turn || this.closed) return;
    this.closed = true;
    const { item, body } = this.turn;
    body.classList.remove("growing");
    if (this.produceId) {
      this.label = this.template.replace("{produce_id}", this.produceId);
      // The label may have come at the end of the text itself; it is shown once, under the answer.
      const at = this.said.lastIndexOf(this.label);
      if (at >= 0 && this.said.slice(at + this.label.length).trim() === "") {
        this.said = this.said.slice(0, at).trimEnd();
        body.textContent = this.said;
      }
    }
    if (this.decision) {
      item.append(callout(this.decision.message ?? this.text("Blocked"), this.decision.appeal, this.text("Reasons")));
    } else if (this.filtered) {
      item.append(callout(this.text("Blocked"), null, ""));
    }
    if (!this.produceId) {
      if (!this.said) item.remove();
      return;
    }
    const line = element("p", "label");
    const verify = element("a", "", this.text("Verify"));
    verify.href = `/verify?id=${encodeURIComponent(this.produceId)}`;
    const copy = element("button", "quiet", this.text("Copy"));
    copy.type = "button";
    const { label, said } = this;
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(`${said}\n\n${label}`);
        copy.textContent = this.text("Copied");
        setTimeout(() => {
          copy.textContent = this.text("Copy");
        }, 2000);
      } catch {
        window.getSelection().selectAllChildren(item);
      }
    });
    line.append(element("span", "label-text", label), verify, copy);
    item.append(line);
    item.scrollIntoView({ block: "nearest" });
  }
}

/** The decision that a chunk or an error carries, however deep it lies. */
function decisionIn(value) {
  const extension = value?.cinnabar ?? value;
  const decision = extension?.decisions?.[0] ?? extension?.decision ?? null;
  if (!decision || typeof decision !== "object") return null;
  const chinese = document.documentElement.lang.startsWith("zh");
  const message = (chinese ? decision.message_zh : null) ?? decision.message ?? null;
  return { message, appeal: safeLink(decision.appeal_url ?? extension.appeal_url ?? null) };
}

/** Links from a stream may lead to pages of ours or of the web, and nowhere else. */
function safeLink(href) {
  if (!href) return null;
  try {
    const url = new URL(href, window.location.href);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

function callout(message, href, linkText) {
  const box = element("div", "callout caution");
  box.append(element("p", "", message));
  const safe = safeLink(href);
  if (safe) {
    const line = element("p", "");
    const link = element("a", "", linkText);
    link.href = safe;
    line.append(link);
    box.append(line);
  }
  return box;
}

function element(name, className, content) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (content !== undefined) made.textContent = content;
  return made;
}

function parse(json) {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

/** The data of each server-sent event of a body (WHATWG HTML, section 9.2). */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let data = [];
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) yield data.join("\n");
        data = [];
      } else if (line.startsWith("data:")) {
        data.push(line.slice(5).replace(/^ /, ""));
      }
    }
  }
}

// Buttons that copy. Without a script they stay hidden and the text can be selected by hand.

const shownFor = 2000;

/** Makes a button copy the text of the element it names, with what must stay attached to that text. */
export function enableCopy(button) {
  const original = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    if (!source) return;
    const suffix = button.dataset.copySuffix;
    const text = source.textContent + (suffix ? `\n\n${suffix}` : "");
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // No permission, or a page that is not served securely: select the text, so that the keyboard can copy it.
      const range = document.createRange();
      range.selectNodeContents(source);
      const selection = window.getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      return;
    }
    button.textContent = button.dataset.done;
    setTimeout(() => {
      button.textContent = original;
    }, shownFor);
  });
}

for (const button of document.querySelectorAll("button[data-copy]")) enableCopy(button);

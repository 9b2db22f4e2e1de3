// Review by keyboard, and spans by dragging over the words.
import { inField, keysOff } from "./app.js";
import { remembered } from "./spans.js";

const form = document.getElementById("verdict");
const fields = document.getElementById("fields");
const press = (id) => document.getElementById(id)?.click();

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form) { event.preventDefault(); press("correct"); return; }
  if (inField(event) || keysOff() || event.altKey) return;
  if (event.key === "z" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); press("undo"); return; }
  if (event.ctrlKey || event.metaKey) return;
  if (event.key === "a") press("accept");
  else if (event.key === "x") press("reject");
  else if (event.key === " " && event.target === document.body) { event.preventDefault(); press("skip"); }
  else if (event.key === "Backspace") { event.preventDefault(); press("undo"); }
  else if (event.key === "c" && fields) {
    event.preventDefault();
    fields.open = true;
    fields.querySelector("select, input:not([type=hidden])")?.focus();
  }
});

const box = document.getElementById("text");
if (box && fields) {
  const last = remembered(box);
  for (const button of fields.querySelectorAll("[data-take]")) button.addEventListener("click", () => {
    const span = last();
    if (span) document.getElementById(button.dataset.take).value = span;
  });
}

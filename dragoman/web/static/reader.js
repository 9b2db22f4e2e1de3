// Hovering a row lights its words and the reverse; layers on and off; rows that were missed.
import { inField, keysOff } from "./app.js";
import { remembered } from "./spans.js";

const box = document.getElementById("text");
const all = [...document.querySelectorAll("[data-rows]")];
const rowsOf = (element) => element.dataset.rows.split(" ");

function light(rows) {
  for (const element of all) element.classList.toggle("lit", rows.length > 0 && rowsOf(element).some((row) => rows.includes(row)));
}

let kept = [];
for (const element of all) {
  const inner = element.classList.contains("mark") ? rowsOf(element).slice(-1) : rowsOf(element);
  element.addEventListener("mouseenter", () => light(inner));
  element.addEventListener("mouseleave", () => light(kept));
  element.addEventListener("focus", () => light(inner));
  element.addEventListener("blur", () => light(kept));
  element.addEventListener("click", () => {
    if (String(getSelection())) return;
    kept = kept.join() === inner.join() ? [] : inner;
    light(kept);
    if (!kept.length) return;
    history.replaceState(null, "", `#${kept[0]}`);
    const other = element.classList.contains("mark") ? document.getElementById(kept[0]) : box?.querySelector(`.mark[data-rows~="${CSS.escape(kept[0])}"]`);
    other?.scrollIntoView({ block: "center" });
  });
}
const named = location.hash.slice(1);
if (named && document.getElementById(named)?.dataset.rows) {
  kept = [named];
  light(kept);
  box?.querySelector(`.mark[data-rows~="${CSS.escape(named)}"]`)?.scrollIntoView({ block: "center" });
}
document.getElementById("found")?.scrollIntoView({ block: "center" });

const layers = [...document.querySelectorAll("[data-layer]")];
for (const layer of layers) layer.addEventListener("change", () => box?.classList.toggle(`no-${layer.dataset.layer}`, !layer.checked));
document.addEventListener("keydown", (event) => {
  if (inField(event) || keysOff() || event.ctrlKey || event.metaKey || event.altKey) return;
  const layer = layers[Number(event.key) - 1];
  if (layer) { layer.checked = !layer.checked; layer.dispatchEvent(new Event("change")); }
});

const missed = document.querySelector("form.missed");
if (missed && box) {
  const last = remembered(box);
  for (const button of missed.querySelectorAll("[data-take]")) button.addEventListener("click", () => {
    const span = last();
    const field = missed.elements[button.dataset.take];
    if (span) field.value = button.dataset.take === "content" && field.value ? `${field.value}; ${span}` : span;
  });
  missed.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(missed));
    const [start, end] = given.at.split("-").map(Number);
    const saying = given.kind === "statement";
    const values = saying ? { act: given.code, content: given.content } : { type: given.code };
    if (given.who) values[saying ? "source_actor" : "sources"] = given.who;
    if (given.targets) values.targets = given.targets;
    if (given.issues && saying) values.issues = given.issues;
    const answer = await fetch("/api/v1/rows", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ article: missed.dataset.article, kind: given.kind, start, end, values }) });
    if (answer.ok) location.reload();
    else missed.querySelector("[role=status]").textContent = (await answer.json()).error.reason;
  });
}

// Keys, theme, lists and dropped files, for every page. No page needs it to be read.
const reduced = { get off() { return localStorage.getItem("dragoman-nokeys") === "yes"; } };

const theme = document.getElementById("theme");
const shown = localStorage.getItem("dragoman-theme");
if (shown) document.documentElement.dataset.theme = shown;
theme?.addEventListener("click", () => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme || (dark ? "dark" : "light");
  const next = now === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  localStorage.setItem("dragoman-theme", next);
});

const switchOff = document.getElementById("nokeys");
if (switchOff) {
  switchOff.checked = reduced.off;
  switchOff.addEventListener("change", () => localStorage.setItem("dragoman-nokeys", switchOff.checked ? "yes" : "no"));
}

const places = { d: "/", o: "/dossier", s: "/search", p: "/parties", a: "/parties", i: "/issues", t: "/threads", y: "/dyads", m: "/map", r: "/review", c: "/sources", e: "/search?kind=event" };
let waiting = 0;
let at = -1;

export const inField = (event) => event.target.closest("input, textarea, select, [contenteditable]") !== null;
export const keysOff = () => reduced.off;

function items() {
  return [...document.querySelectorAll("[data-list] .card, [data-list] tr[data-key], [data-list] .change, .rowlist .row[tabindex]")];
}

// The link that a row of a list stands for.
const way = (item) => item?.querySelector(".verb[href], .quote[href]") ?? item?.querySelector("a");

function choose(step) {
  const list = items();
  if (!list.length) return;
  list[at]?.classList.remove("chosen");
  at = Math.max(0, Math.min(list.length - 1, at + step));
  list[at].classList.add("chosen");
  const link = list[at].matches("[tabindex]") ? list[at] : way(list[at]);
  link?.focus({ preventScroll: true });
  list[at].scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { document.activeElement?.blur(); return; }
  if (inField(event) || event.ctrlKey || event.metaKey || event.altKey || reduced.off) return;
  if (event.timeStamp - waiting < 1500 && waiting && places[event.key]) { location.href = places[event.key]; waiting = 0; return; }
  waiting = event.key === "g" ? event.timeStamp : 0;
  if (event.key === "/") { event.preventDefault(); document.getElementById("find")?.focus(); }
  else if (event.key === "?") location.href = "/keys";
  else if (event.key === "j") choose(1);
  else if (event.key === "k") choose(-1);
  else if (event.key === "o") way(items()[at])?.click();
});

const drop = document.getElementById("drop");
const files = drop?.querySelector("input[type=file]");
if (drop && files) {
  for (const name of ["dragover", "dragenter"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    files.files = event.dataTransfer.files;
    drop.requestSubmit();
  });
  drop.addEventListener("submit", () => {
    const told = document.getElementById("drop-status");
    if (told) told.textContent = `Reading ${files.files.length} file${files.files.length === 1 ? "" : "s"}: text, language, statements, events …`;
  });
}
document.querySelector(".paste")?.addEventListener("submit", () => { const go = document.getElementById("go"); if (go) go.textContent = "Reading …"; });

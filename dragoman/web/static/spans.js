// From what is selected on a page to places in the text: half-open, in code points, as the record counts.
const length = (text) => [...text].length;

function place(node, offset) {
  const holder = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest("[data-start]");
  if (!holder) return null;
  const before = node.nodeType === Node.TEXT_NODE ? node.data.slice(0, offset) : offset ? holder.textContent : "";
  return Number(holder.dataset.start) + length(before);
}

export function selected(box) {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  if (!box.contains(range.commonAncestorContainer)) return null;
  const start = place(range.startContainer, range.startOffset);
  const end = place(range.endContainer, range.endOffset);
  return start === null || end === null || end <= start ? null : `${start}-${end}`;
}

// The selection is lost when a field or a button is pressed: remember the last one that stood in the text.
export function remembered(box) {
  let last = null;
  document.addEventListener("selectionchange", () => { last = selected(box) ?? last; });
  return () => last;
}

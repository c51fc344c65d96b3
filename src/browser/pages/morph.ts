/**
 * Makes `from` look like `to`, changing as little as can be: whatever stays keeps its focus, its selection and what was typed or ticked.
 * A child with an id or a class is found again by it, wherever it stands; another by its place.
 */
export function morph(from: Element, to: Element): void {
  // A part that the answer leaves out, or that holds more than it could.
  if (to.hasAttribute("data-errand-later") || from.hasAttribute("data-errand-kept")) return;
  syncAttributes(from, to);
  let place = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const match = matchOf(place, wanted);
    if (!match) {
      from.insertBefore(wanted, place);
      continue;
    }
    // What stood before it is gone. Taken away, not moved past: moving an element takes its focus away.
    removeUntil(place, match);
    place = match.nextSibling;
    if (match instanceof Element) morph(match, wanted as Element);
    else if (match.nodeValue !== wanted.nodeValue) match.nodeValue = wanted.nodeValue;
  }
  removeUntil(place, null);
}

function matchOf(place: ChildNode | null, wanted: ChildNode): ChildNode | null {
  const key = keyOf(wanted);
  for (let candidate = place; candidate; candidate = candidate.nextSibling) {
    if (candidate.nodeName === wanted.nodeName && keyOf(candidate) === key) return candidate;
    if (!key) return null;
  }
  return null;
}

function keyOf(node: Node): string {
  return node instanceof Element ? node.id || (node.getAttribute("class") ?? "") : "";
}

function removeUntil(first: ChildNode | null, end: ChildNode | null): void {
  for (let child = first; child && child !== end; ) {
    const next: ChildNode | null = child.nextSibling;
    child.remove();
    child = next;
  }
}

function syncAttributes(from: Element, to: Element): void {
  for (const { name, value } of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  for (const { name } of [...from.attributes]) {
    // Whether details are open is the reader's own affair.
    if (!to.hasAttribute(name) && name !== "open") from.removeAttribute(name);
  }
}

/** The box above the table ticks and unticks all that are in it. Without the script it is not there. */
export function enableSelectAll(): void {
  showSelectAll();
  document.addEventListener("change", ({ target }) => {
    const all = box();
    if (!all) return;
    const boxes = each();
    if (target === all) for (const one of boxes) one.checked = all.checked;
    const ticked = boxes.filter(({ checked }) => checked).length;
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  });
}

export function showSelectAll(): void {
  const label = document.querySelector<HTMLElement>("[data-errand-select-all]");
  if (label) label.hidden = false;
}

function box(): HTMLInputElement | null {
  return document.querySelector("[data-errand-select-all] input");
}

function each(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>("input[name=run][type=checkbox]")];
}

import { make } from "./make.ts";

/** Such as "42 %"; "" while nothing is known. */
export function percent(percentage: number | undefined): string {
  return percentage ? `${Math.round(percentage)} %` : "";
}

/** Tells screen readers of progress: not each step, only another state or another quarter of the way. */
export function announcer(parent: ParentNode): (text: string, percentage?: number, state?: string) => void {
  const spoken = make("div", { className: "errand-spoken", role: "status" }, parent);
  let said = "";
  return (text, percentage = 0, state = text) => {
    const key = `${state} ${Math.floor(percentage / 25)}`;
    if (key !== said) spoken.textContent = `${text} ${percent(percentage)}`;
    said = key;
  };
}

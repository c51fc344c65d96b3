let leaving: Promise<void> | undefined;

/** Whether the address bar shows a run's check URL because of `enter`. */
export function isAtCheck(): boolean {
  return Boolean(history.state?.errand);
}

/** Shows the check URL without `ajax`, so that a reload gives the waiting page. */
export function enter(checkUrl: string): void {
  const url = new URL(checkUrl);
  url.searchParams.delete("ajax");
  if (url.origin === location.origin) history.pushState({ errand: true }, "", url);
}

/** Goes back to the address from before `enter`, if it is not there already. */
export async function leave(): Promise<void> {
  if (!isAtCheck()) return;
  leaving ??= new Promise((resolve) => {
    addEventListener("popstate", () => resolve(), { once: true });
    history.back();
  });
  await leaving;
  leaving = undefined;
}

/** Goes to `url` in place of the check URL, so that the back button leads to the form. */
export function follow(url: string): void {
  const [page, fragment] = url.split("#");
  const isSamePage = fragment !== undefined && page === location.href.split("#")[0];
  if (isAtCheck()) location.replace(url);
  else location.assign(url);
  // Only the fragment changed, which loads nothing.
  if (isSamePage) location.reload();
}

/** The absolute URL if a browser may be sent there: http(s) only, so never `javascript:`. */
export function httpUrl(url: string | null | undefined): string | undefined {
  const href = url ? URL.parse(url, location.href)?.href : undefined;
  return href && /^https?:/.test(href) ? href : undefined;
}

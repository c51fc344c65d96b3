const day = { day: "numeric", month: "short", year: "numeric" } as const;
const clock = { hour: "2-digit", minute: "2-digit" } as const;

/** Rewrites the times below `root`, which the server gave in UTC, in the reader's zone and form. */
export function localizeTimes(root: ParentNode): void {
  const { lang } = document.documentElement;
  const locale = navigator.languages.find((tag) => tag.split("-")[0] === lang.split("-")[0]) ?? lang;
  const format = new Intl.DateTimeFormat(locale, { ...day, ...clock });
  for (const time of root.querySelectorAll("time")) {
    const at = Date.parse(time.dateTime);
    if (!Number.isNaN(at)) time.textContent = format.format(at);
  }
}

/** The first language tag of the browser that is in the page's language, so that "en" reads as British, American, …; else the language itself. */
export function readerLocale(language: string, acceptLanguage: string | null): string {
  const wishes = (acceptLanguage ?? "").slice(0, 1000).split(",");
  const tags = wishes.map((wish) => (wish.split(";")[0] as string).trim()).filter((tag) => tag.split("-")[0]?.toLowerCase() === language.split("-")[0]);
  return [...tags, language].find(isLocale) ?? "en";
}

function isLocale(tag: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag).length > 0;
  } catch {
    return false;
  }
}

const timeFormats = new Map<string, Intl.DateTimeFormat>();

/** "21 Nov 2026, 07:34 UTC": with its zone, since a server does not know the reader's; the script rewrites it. */
export function timeWords(at: number, locale: string): string {
  let format = timeFormats.get(locale);
  if (!format) {
    // Locales come from requests, so the map must not grow with them.
    if (timeFormats.size >= 50) timeFormats.clear();
    format = new Intl.DateTimeFormat(locale, {
      day: "numeric",
      month: "short",
      year: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      timeZone: "UTC",
      timeZoneName: "short",
    });
    timeFormats.set(locale, format);
  }
  return format.format(at);
}

/** "14 ms", "0.4 s", "12 s", "3 min 12 s", "2 h 5 min", "3 days 4 h", in the reader's words. */
export function durationWords(ms: number, locale: string): string {
  const unit = (value: number, name: string, digits = 0) =>
    new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: digits }).format(value);
  if (ms < 100) return unit(Math.max(0, ms), "millisecond");
  const seconds = ms / 1000;
  if (seconds < 9.95) return unit(seconds, "second", 1);
  const whole = Math.round(seconds);
  const spans = [
    [Math.floor(whole / 86_400), "day"],
    [Math.floor(whole / 3600) % 24, "hour"],
    [Math.floor(whole / 60) % 60, "minute"],
    [whole % 60, "second"],
  ] as const;
  const first = spans.findIndex(([count]) => count > 0);
  return spans
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, name]) => unit(count, name))
    .join(" ");
}

/** "12 kB", in the reader's words. */
export function sizeWords(bytes: number, locale: string): string {
  const [unit, value] = bytes < 1000 ? ["byte", bytes] : bytes < 1_000_000 ? ["kilobyte", bytes / 1000] : ["megabyte", bytes / 1_000_000];
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: unit as string,
    unitDisplay: "short",
    maximumFractionDigits: (value as number) < 10 ? 1 : 0,
  }).format(value as number);
}

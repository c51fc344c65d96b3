/** A text for the user: as it is, or a key of a catalogue with its parameters, rendered when it is read, in the reader's language. */
export type Message = string | { readonly key: string; readonly params?: Readonly<Record<string, string | number>> };

/** Longest text, and longest parameter, of a message, characters. */
const LONGEST = 1000;

/**
 * The message as it is kept: nothing in it but texts and numbers, each cut to 1000 characters, without NUL, which databases refuse.
 * Undefined for what is no message at all.
 */
export function plainMessage(message: unknown): Message | undefined {
  if (typeof message === "string") return plainText(message);
  const { key, params } = (message ?? {}) as { key?: unknown; params?: unknown };
  if (typeof key !== "string") return undefined;
  if (typeof params !== "object" || params === null) return { key: plainText(key) };
  return { key: plainText(key), params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, plainParam(value)])) };
}

function plainParam(value: unknown): string | number {
  return typeof value === "number" && Number.isFinite(value) ? value : plainText(String(value));
}

/** At most `longest` characters, without NUL. */
export function plainText(text: string, longest = LONGEST): string {
  return text.replaceAll("\0", "").slice(0, longest).toWellFormed();
}

/** Texts by language, then by key. `{name}` in a text is replaced by the parameter `name`. */
export type Catalogue = Readonly<Record<string, Readonly<Record<string, string>>>>;

export const locales = ["en", "de", "fr", "es"] as const;

/**
 * The text of a message in `locale`; falls back to the language without its region, then to English, then to the key itself.
 * Parameters are put in as they are: escaping is the page's work.
 */
export function renderMessage(message: Message, locale: string, catalogue: Catalogue): string {
  if (typeof message === "string") return message;
  const language = locale.split("-")[0] as string;
  const text = catalogue[locale]?.[message.key] ?? catalogue[language]?.[message.key] ?? catalogue.en?.[message.key] ?? message.key;
  const params = message.params;
  if (!params) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(params, name) ? String(params[name]) : whole));
}

/** Lays `extra` over `base`, language by language. */
export function mergeCatalogues(base: Catalogue, extra: Catalogue = {}): Catalogue {
  const merged: Record<string, Record<string, string>> = {};
  for (const language of new Set([...Object.keys(base), ...Object.keys(extra)])) {
    merged[language] = { ...base[language], ...extra[language] };
  }
  return merged;
}

/** The best of `locales` for an Accept-Language header; "en" when none fits. */
export function negotiateLocale(header: string | null | undefined, available: readonly string[] = locales): string {
  if (!header) return "en";
  const wishes = header
    .slice(0, 1000)
    .split(",")
    .map((part) => {
      const [tag = "", ...params] = part.trim().split(";");
      const quality = params.map((param) => /^\s*q=([\d.]+)\s*$/.exec(param)?.[1]).find((value) => value !== undefined);
      return { tag: tag.toLowerCase(), quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter((wish) => wish.quality > 0)
    .sort((one, other) => other.quality - one.quality);
  for (const { tag } of wishes) {
    const found = available.find((locale) => locale === tag) ?? available.find((locale) => locale === tag.split("-")[0]);
    if (found) return found;
  }
  return "en";
}

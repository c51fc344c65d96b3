import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Catalogue, locales, mergeCatalogues, negotiateLocale, renderMessage } from "../../src/core/messages.ts";
import { runTexts } from "../../src/runtime/texts.ts";

const catalogue: Catalogue = {
  en: { seats: "{count} seats for {name}", only: "Only in English" },
  de: { seats: "{count} Plätze für {name}" },
  "de-at": { seats: "{count} Sitzplätze für {name}" },
};

describe("rendering", () => {
  test.each([
    ["en", "3 seats for Ana"],
    ["de", "3 Plätze für Ana"],
    ["de-ch", "3 Plätze für Ana"],
    ["de-at", "3 Sitzplätze für Ana"],
    ["pt", "3 seats for Ana"],
  ])("in %s: %s", (locale, text) => {
    expect(renderMessage({ key: "seats", params: { count: 3, name: "Ana" } }, locale, catalogue)).toBe(text);
  });

  test("a text is as it is, with its braces", () => {
    expect(renderMessage("Row {row} is broken", "de", catalogue)).toBe("Row {row} is broken");
  });

  test("a key without a text in this language is said in English, a key without any by itself", () => {
    expect(renderMessage({ key: "only" }, "de", catalogue)).toBe("Only in English");
    expect(renderMessage({ key: "nowhere" }, "de", catalogue)).toBe("nowhere");
  });

  test("a parameter that is missing stays in its braces; only own ones count; one is not read as a pattern or a template", () => {
    expect(renderMessage({ key: "seats", params: { count: 3 } }, "en", catalogue)).toBe("3 seats for {name}");
    expect(renderMessage({ key: "x", params: {} }, "en", { en: { x: "{constructor}" } })).toBe("{constructor}");
    expect(renderMessage({ key: "seats", params: { count: "$&", name: "{count}" } }, "en", catalogue)).toBe("$& seats for {count}");
  });
});

test("an app's texts lie over Errand's, language by language", () => {
  expect(mergeCatalogues(catalogue, { de: { only: "Nur" }, it: { seats: "posti" } })).toEqual({
    ...catalogue,
    de: { seats: "{count} Plätze für {name}", only: "Nur" },
    it: { seats: "posti" },
  });
  expect(mergeCatalogues(catalogue)).toEqual(catalogue);
  expect(catalogue.de).toEqual({ seats: "{count} Plätze für {name}" });
});

describe("negotiating", () => {
  test.each([
    [null, "en"],
    ["", "en"],
    ["de", "de"],
    ["de-AT,de;q=0.9", "de"],
    ["pt-BR, fr;q=0.5, es;q=0.7", "es"],
    ["en;q=0.1, fr;q=0", "en"],
    ["fr;q=0, de;q=0.2", "de"],
    ["*", "en"],
    ["DE", "de"],
    ["pt, it", "en"],
    [";;q=,,,=", "en"],
    ["de;q=nonsense", "de"],
  ])("%j gives %s", (header, expected) => {
    expect(negotiateLocale(header)).toBe(expected);
  });

  test("any header gives one of the languages, soon", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 5000 }), (header) => {
        expect(locales).toContain(negotiateLocale(header));
      }),
    );
    expect(negotiateLocale("q;".repeat(500_000))).toBe("en");
  });
});

describe("Errand's own words", () => {
  const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
  test.each(locales)("are all there in %s, with the same parameters", (locale) => {
    const texts = runTexts[locale] ?? {};
    expect(Object.keys(texts).sort()).toEqual(Object.keys(runTexts.en ?? {}).sort());
    for (const [key, text] of Object.entries(runTexts.en ?? {})) expect(placeholders(texts[key] as string)).toEqual(placeholders(text));
  });
});

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { locales } from "../../../src/core/messages.ts";
import { pageTexts } from "../../../src/web/page-texts.ts";

const english = Object.keys(pageTexts.en as object).sort();
const parameters = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

test.each(locales.filter((locale) => locale !== "en"))("%s says everything that English does, with the same parameters", (locale) => {
  const texts = pageTexts[locale] ?? {};
  expect(Object.keys(texts).sort()).toEqual(english);
  for (const key of english) {
    expect([key, parameters(texts[key] as string)]).toEqual([key, parameters(pageTexts.en?.[key] as string)]);
    expect(texts[key]?.trim(), key).not.toBe("");
  }
});

test("every text that the pages use is there, and every one that is there is used", () => {
  const web = join(import.meta.dirname, "../../../src/web");
  const sources = ["pages/tasks", "pages/admin", "routes/pages"].flatMap((folder) =>
    readdirSync(join(web, folder)).map((file) => readFileSync(join(web, folder, file), "utf8")),
  );
  const words = new Set(sources.flatMap((source) => [...source.matchAll(/"([a-z_.]+)"/g)].map(([, word]) => word as string)));
  // A message's key is written out where it is used; counted ones come in two forms.
  expect(english.map((key) => key.slice("pages.".length)).filter((key) => !words.has(key.replace(/\.(one|other)$/, "")))).toEqual([]);
  const used = sources.flatMap((source) => [...source.matchAll(/\btext\("([a-z_.]+)"/g)].map(([, key]) => `pages.${key}`));
  expect(used.filter((key) => !english.includes(key))).toEqual([]);
  expect(used.length).toBeGreaterThan(50);
});

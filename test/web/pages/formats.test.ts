import { expect, test } from "vitest";
import { durationWords, readerLocale, sizeWords, timeWords } from "../../../src/web/pages/tasks/formats.ts";

test.each([
  ["en", "en-GB,en;q=0.9", "en-GB"],
  ["en", "de-AT,en-US;q=0.5", "en-US"],
  ["de", "de-AT, de;q=0.8", "de-AT"],
  ["fr", null, "fr"],
  ["en", "en-!!,en_US,*", "en"],
  ["de", "x".repeat(100_000), "de"],
  ["de_DE", null, "en"],
])("a page in %s for a browser that wishes for %s has the form of %s", (language, header, locale) => {
  expect(readerLocale(language, header)).toBe(locale);
});

test("a time says its zone, in the reader's form", () => {
  const at = Date.parse("2026-11-21T07:34:21.123Z");
  expect(timeWords(at, "en-GB")).toBe("21 Nov 2026, 07:34 UTC");
  expect(timeWords(at, "de")).toMatch(/^21\. Nov\. 2026, 07:34 UTC$/);
});

test.each([
  [0, "0 ms"],
  [99, "99 ms"],
  [400, "0.4 sec"],
  [9_949, "9.9 sec"],
  [9_950, "10 sec"],
  [59_499, "59 sec"],
  [59_500, "1 min"],
  [192_000, "3 min 12 sec"],
  [3_600_000, "1 hr"],
  [7_500_000, "2 hr 5 min"],
  [90_000_000, "1 day 1 hr"],
  [-5, "0 ms"],
])("%d ms are %s", (ms, words) => {
  expect(durationWords(ms, "en-US").replace("secs", "sec")).toBe(words);
});

test("sizes are said in the reader's words", () => {
  expect([0, 999, 1000, 48_213, 234_567_890].map((bytes) => sizeWords(bytes, "en"))).toEqual(["0 byte", "999 byte", "1 kB", "48 kB", "235 MB"]);
  expect(sizeWords(1500, "de")).toBe("1,5 kB");
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalUrl } from "../../src/core/canonical-url.ts";

const text = fc.string({ unit: "grapheme", minLength: 0, maxLength: 12 }).filter((value) => value.isWellFormed());
const pairs = fc.array(fc.tuple(text, text), { maxLength: 6 });
const path = fc.array(text, { maxLength: 4 }).map((parts) => `/${parts.map((part) => encodeURIComponent(part)).join("/")}`);

function query(entries: readonly (readonly [string, string])[]): string {
  return entries.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");
}

/** Every character as %xx, in small letters. */
function encoded(value: string): string {
  return [...new TextEncoder().encode(value)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
}

test("it is its own canonical form", () => {
  fc.assert(
    fc.property(fc.constantFrom("", "https://Shop.Example", "http://a.example:8080"), path, pairs, (origin, where, entries) => {
      fc.pre(origin !== "" || !where.startsWith("//"));
      const once = canonicalUrl(`${origin}${where}?${query(entries)}`);
      expect(canonicalUrl(once)).toBe(once);
    }),
  );
});

test("the order of different parameters does not matter, that of equal ones does", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(text, text), { maxLength: 6, selector: ([name]) => name }), fc.integer(), (entries, seed) => {
      const shuffled = [...entries].sort(([one], [other]) => ((one.length * seed) % 7) - ((other.length * seed) % 7));
      expect(canonicalUrl(`/a?${query(shuffled)}`)).toBe(canonicalUrl(`/a?${query(entries)}`));
    }),
  );
  expect(canonicalUrl("/a?x=1&x=2")).not.toBe(canonicalUrl("/a?x=2&x=1"));
});

test("how a character is encoded does not matter", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9._~-]{1,10}$/), text, text, (plain, name, value) => {
      fc.pre(plain !== "." && plain !== "..");
      expect(canonicalUrl(`/${encoded(plain)}?${encoded(name)}=${encoded(value)}`)).toBe(
        canonicalUrl(`/${plain}?${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
      );
    }),
  );
  expect(canonicalUrl("/a%2fb")).toBe("/a%2Fb");
  expect(canonicalUrl("/a%2Fb")).not.toBe(canonicalUrl("/a/b"));
  expect(canonicalUrl("/a?q=x+y")).toBe(canonicalUrl("/a?q=x%20y"));
});

test("different addresses stay different", () => {
  fc.assert(
    fc.property(pairs, pairs, (one, other) => {
      const sorted = (entries: typeof one) =>
        entries.map((entry, index) => ({ entry, index })).sort((a, b) => (a.entry[0] < b.entry[0] ? -1 : a.entry[0] > b.entry[0] ? 1 : a.index - b.index));
      const same = JSON.stringify(sorted(one).map(({ entry }) => entry)) === JSON.stringify(sorted(other).map(({ entry }) => entry));
      expect(canonicalUrl(`/a?${query(one)}`) === canonicalUrl(`/a?${query(other)}`)).toBe(same);
    }),
  );
});

test.for([
  ["HTTPS://Shop.Example:443/Orders?b=2&a=1#top", "https://shop.example/Orders?a=1&b=2"],
  ["http://shop.example:80/", "http://shop.example/"],
  ["http://shop.example:8080", "http://shop.example:8080/"],
  ["/add/3/5/#result", "/add/3/5/"],
  ["/add/./3/../4/", "/add/4/"],
  ["/add?", "/add"],
  ["/%7Euser/%41", "/~user/A"],
] as const)("%s becomes %s", ([given, canonical]) => {
  expect(canonicalUrl(given)).toBe(canonical);
});

test("parameters that do not matter are left out", () => {
  expect(canonicalUrl("/a?utm_source=x&q=1&gclid=y&utm=z", ["utm_*", "gclid"])).toBe("/a?q=1&utm=z");
});

test.for(["javascript:alert(1)", "ftp://a.example/", "https://user:secret@a.example/", "http://", `/${"a".repeat(9000)}`])("%s is refused", (address) => {
  expect(() => canonicalUrl(address)).toThrow(RangeError);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { artifactUrl, InvalidArtifactError } from "../../src/core/artifact-url.ts";

test.each([
  ["https://example.org/a.pdf", "https://example.org/a.pdf"],
  ["http://example.org", "http://example.org/"],
  ["HTTPS://EXAMPLE.org/A", "https://example.org/A"],
  [" https://example.org/\n", "https://example.org/"],
])("%j is taken as %s", (url, expected) => {
  expect(artifactUrl(url)).toBe(expected);
});

test.each([
  "javascript:alert(1)",
  "java\nscript:alert(1)",
  " javascript:alert(1)",
  "data:text/html,x",
  "file:///etc/passwd",
  "blob:https://example.org/1",
  "//example.org",
  "/a",
  "a",
  "",
  "https://",
])("%j is refused", (url) => {
  expect(() => artifactUrl(url)).toThrow(InvalidArtifactError);
  expect(() => artifactUrl(url)).toThrow(`An artifact's URL must be an absolute http or https URL, but is ${JSON.stringify(url)}.`);
});

test("the error does not repeat a long URL in full", () => {
  expect(() => artifactUrl(`x${"y".repeat(10_000)}`)).toThrow(/^.{1,300}$/);
});

test("whatever is taken is http or https for a browser too", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.webUrl(),
        fc.string(),
        fc.tuple(fc.constantFrom("http:", "https:", "javascript:", "ftp:"), fc.string()).map((parts) => parts.join("")),
      ),
      (url) => {
        try {
          expect(new URL(artifactUrl(url)).protocol).toMatch(/^https?:$/);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidArtifactError);
        }
      },
    ),
  );
});

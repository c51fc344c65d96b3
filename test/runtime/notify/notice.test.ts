import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeCatalogues } from "../../../src/core/messages.ts";
import type { Run } from "../../../src/index.ts";
import { htmlBody, textBody } from "../../../src/notifiers/mail-body.ts";
import { noticeOf, oneLine } from "../../../src/runtime/notify/notice.ts";
import { notifyTexts } from "../../../src/runtime/notify/texts.ts";
import { runTexts } from "../../../src/runtime/texts.ts";

const catalogue = mergeCatalogues(runTexts, notifyTexts);
const odd = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("\r\nBcc: eve@example.org", "<script>", "\u202egnp", "\u2028", "\0", "{name}", "'\"&<>"),
);
const text = fc.array(odd, { maxLength: 40 }).map((parts) => parts.join(""));

function noticeFor(name: string, message: string, artifacts: string[], locale = "en", state = "failed") {
  const run = { name, state, error: { code: "user", message } } as unknown as Run;
  return noticeOf({ run, artifacts, url: "https://tickets.example/errand/runs/1", locale, catalogue });
}

test("whatever a run is called, its notice is of bounded lines of plain text", () => {
  fc.assert(
    fc.property(text, text, fc.array(text, { maxLength: 15 }), (name, message, artifacts) => {
      const { subject, lines, artifacts: named } = noticeFor(name, message, artifacts);
      for (const line of [subject, ...lines, ...named]) {
        expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
        expect(line.length).toBeLessThanOrEqual(1000);
        expect(line.isWellFormed()).toBe(true);
      }
      expect(subject.length).toBeLessThanOrEqual(200);
      expect(named.length).toBeLessThanOrEqual(11);
    }),
  );
});

test("whatever it is called, its mail has no element, attribute or link but ours", () => {
  const plain = htmlBody(noticeFor("", "", []));
  fc.assert(
    fc.property(text, text, (name, message) => {
      const html = htmlBody(noticeFor(name, message, []));
      expect(html.match(/<[^>]*>/g)).toEqual(plain.match(/<[^>]*>/g));
    }),
  );
});

test.each([
  ["en", "succeeded", "Done: Tickets", "“Tickets” is done."],
  ["de", "failed", "Fehlgeschlagen: Tickets", "„Tickets“ ist fehlgeschlagen."],
  ["fr-CA", "canceled", "Annulé : Tickets", "« Tickets » a été annulé."],
  ["es", "succeeded", "Listo: Tickets", "«Tickets» está listo."],
  ["xx", "succeeded", "Done: Tickets", "“Tickets” is done."],
])("in %s a run that %s is told in its own words", (locale, state, subject, line) => {
  const notice = noticeFor("Tickets", "", [], locale, state);
  expect([notice.subject, notice.lines[0]]).toEqual([subject, line]);
});

test("every language says everything", () => {
  for (const language of Object.keys(notifyTexts)) expect(Object.keys(notifyTexts[language] ?? {})).toEqual(Object.keys(notifyTexts.en ?? {}));
});

test("more than ten artifacts are counted", () => {
  const names = Array.from({ length: 12 }, (_, index) => `${index}.pdf`);
  const notice = noticeFor("Tickets", "", names);
  expect(notice.artifacts).toEqual([...names.slice(0, 10), "and 2 more"]);
  expect(textBody(notice)).toContain("- 9.pdf\n- and 2 more\n");
});

test("a long line is cut between characters", () => {
  expect(oneLine("a".repeat(10), 10)).toBe("a".repeat(10));
  expect(oneLine("a".repeat(11), 10)).toBe(`${"a".repeat(9)}…`);
  expect(oneLine("👩‍👩‍👧".repeat(5), 20)).toBe("👩‍👩‍👧👩‍👩‍👧…");
});

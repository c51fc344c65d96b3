import fc from "fast-check";
import { expect, test } from "vitest";
import { fromCursor, toCursor } from "../../../src/web/rest/cursor.ts";

test("a cursor is 22 characters and leads back to its id", () => {
  fc.assert(
    fc.property(fc.uuid(), (id) => {
      expect(toCursor(id)).toMatch(/^[\w-]{22}$/);
      expect(fromCursor(toCursor(id))).toBe(id);
    }),
  );
});

test("an id has one cursor only: no other text stands for it", () => {
  const id = "01890000-0000-7000-8000-000000000001";
  const cursor = toCursor(id);
  for (const other of [`${cursor}=`, `${cursor} `, ` ${cursor}`, `${cursor.slice(0, -1)}R`, `${cursor}A`, cursor.slice(0, -1), cursor.toLowerCase(), ""]) {
    expect([other, fromCursor(other)]).toEqual([other, null]);
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      const found = fromCursor(text);
      expect(found === null || toCursor(found) === text).toBe(true);
    }),
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { readEvents, type ServerEvent } from "../../src/client/read-events.ts";

async function read(chunks: readonly Uint8Array[], signs = { onLife() {}, onRetry(_: number) {} }): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of readEvents(ReadableStream.from(chunks), signs)) events.push(event);
  return events;
}

function pieces(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((one, other) => one - other), bytes.length];
  return places.slice(1).map((end, index) => bytes.slice(places[index], end));
}

test("whatever a text holds, and wherever the network cuts it, it comes as it was", async () => {
  const text = fc.string({ unit: fc.oneof(fc.constantFrom("\u2028", "\u2029", "\u0085", ":", " ", "\n", "\r", "é", "😀"), fc.string({ maxLength: 3 })) });
  const end = fc.constantFrom("\n", "\r\n", "\r");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ text, end, id: fc.nat() }), { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 12 }), async (events, cuts) => {
      const stream = events.map(({ text, end, id }) => `: sign of life${end}id: ${id}${end}data: ${JSON.stringify(text)}${end}${end}`).join("");
      // A lone carriage return at the very end might still become a line's end of two.
      const found = await read(pieces(new TextEncoder().encode(`${stream}:\n`), cuts));
      expect(found.map(({ id, data, type }) => [id, JSON.parse(data), type])).toEqual(
        events.map(({ id, text }) => [String(id), text.toWellFormed(), "message"]),
      );
    }),
    { numRuns: 300 },
  );
});

test("names, lines of data, ids that stay, and what is no event", async () => {
  const waits: number[] = [];
  const stream = "retry: 1500\nretry: soon\n\nevent: gone\ndata\ndata: a\ndata:b\nid: 7\n\nevent: empty\n\ndata: c\nunknown: x\n\ndata: unfinished\n";
  const events = await read([new TextEncoder().encode(stream)], { onLife() {}, onRetry: (ms) => waits.push(ms) });
  expect(events).toEqual([
    { type: "gone", data: "\na\nb", id: "7" },
    { type: "message", data: "c", id: "7" },
  ]);
  expect(waits).toEqual([1500]);
});

test("who stops reading closes the stream", async () => {
  const closed = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
    cancel: () => closed.resolve(),
  });
  for await (const { data } of readEvents(body, { onLife() {}, onRetry() {} })) {
    expect(data).toBe("1");
    break;
  }
  await closed.promise;
});

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { setTimeout as rest } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Subject } from "./adapter-contract.ts";
import { LARGE } from "./probe.ts";

/** Between two looks at a number that should come to rest, ms. */
const LOOK = 100;

/** Answers go out piece by piece, no faster than they are taken, and end when nobody takes them. */
export function testStreams({ probe }: Subject): void {
  test("a stream's events arrive one by one, while it is open", async () => {
    const id = randomUUID();
    const response = await fetch(probe("events", id));
    expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
    for (const count of [1, 2, 3]) {
      expect((await reader.read()).value).toBe(`data: ${count}\n\n`);
      await (await fetch(probe("next", id))).text();
    }
    await reader.cancel();
    expect(await (await fetch(probe("ended", id))).text()).toBe("canceled");
  });

  test("a large answer waits for a slow client, and is canceled when that goes away", async () => {
    const id = randomUUID();
    const client = httpRequest(probe("large", id), { agent: false });
    client.end();
    const [response] = (await once(client, "response")) as [IncomingMessage];
    let before = -1;
    let now = 0;
    while (now !== before || now === 0) {
      await rest(LOOK);
      before = now;
      now = Number(await (await fetch(probe("pulled", id))).text());
    }
    expect(now).toBeLessThan(LARGE / 2);
    response.on("error", () => {});
    client.destroy();
    expect(await (await fetch(probe("ended", id))).text()).toBe("canceled");
  });

  test("a large answer arrives whole", async () => {
    const response = await fetch(probe("large"));
    let bytes = 0;
    for await (const chunk of response.body as ReadableStream<Uint8Array>) bytes += chunk.byteLength;
    expect(bytes).toBe(LARGE);
  });

  test.each(["GET", "POST"])("a client that goes away aborts the signal of its %s", async (method) => {
    const id = randomUUID();
    const client = httpRequest(probe("wait", id), { method, agent: false });
    client.on("error", () => {});
    client.end();
    await (await fetch(probe("started", id))).text();
    client.destroy();
    expect(await (await fetch(probe("ended", id))).text()).toBe("aborted");
  });
}

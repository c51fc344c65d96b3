import { expect, test } from "vitest";
import type { PretixBody } from "../../src/core/wire.ts";
import type { Subject } from "./adapter-contract.ts";

interface Seen {
  readonly fields: Record<string, unknown>;
  readonly params: Record<string, string>;
  readonly size: number;
}

/** Starts a run by a POST and says what its task has seen. */
export async function start(
  { at }: Subject,
  body?: RequestInit["body"],
  headers: Record<string, string> = {},
  code = "A%20B",
): Promise<Seen & { readonly pretix: PretixBody }> {
  const init = { method: "POST", body: body ?? null, headers: { "x-user": "alice", ...headers } };
  const response = await fetch(at(`/shop/orders/${code}/start?ajax=1`), init);
  expect(response.status).toBe(200);
  const pretix = (await response.json()) as PretixBody;
  const seen = new URL(pretix.redirect as string, at("/")).searchParams.get("seen");
  return { ...(JSON.parse(seen as string) as Seen), pretix };
}

/** Forms, JSON and files reach the action, parsed before or not. */
export function testBodies(subject: Subject): void {
  const url = () => subject.at("/shop/orders/A/start");
  const json = { "content-type": "application/json", accept: "application/json" };

  test("a form starts a run; its check URL is the path that the client asked for", async () => {
    const form = new URLSearchParams([
      ["a", "1"],
      ["b", "x y&z=ä"],
      ["b", "2"],
    ]);
    const { pretix, fields } = await start(subject, form);
    expect(fields).toEqual({ a: "1", b: ["x y&z=ä", "2"] });
    expect(pretix.check_url).toBe(`${subject.prefix()}/shop/orders/A%20B/start?async_id=${pretix.async_id}&ajax=1`);
    const check = await fetch(new URL(pretix.check_url as string, url()), { headers: { "x-user": "alice" } });
    expect(((await check.json()) as PretixBody).ready).toBe(true);
  });

  test("JSON starts a run", async () => {
    const { fields } = await start(subject, '{"a": 1, "list": [1, {"b": null}]}', json);
    expect(fields).toEqual({ a: 1, list: [1, { b: null }] });
  });

  test("a POST without a body starts a run", async () => {
    expect((await start(subject)).fields).toEqual({});
  });

  test("a body of unknown length starts a run", async () => {
    const chunks = ReadableStream.from([new TextEncoder().encode("a=1&"), new TextEncoder().encode("b=2")]);
    const init = { method: "POST", body: chunks, duplex: "half" as const, headers: { "x-user": "alice", "content-type": "application/x-www-form-urlencoded" } };
    const response = await fetch(subject.at("/shop/orders/A/start?ajax=1"), init);
    expect([response.status, ((await response.json()) as PretixBody).redirect]).toEqual([
      200,
      expect.stringContaining("%22a%22%3A%221%22%2C%22b%22%3A%222%22"),
    ]);
  });

  test("a file of 20 MiB is uploaded", async () => {
    const form = new FormData();
    form.append("title", "big");
    form.append("file", new File([new Uint8Array(20 * 1_048_576)], "big.csv"));
    const { fields, size } = await start(subject, form);
    expect([fields, size]).toEqual([{ title: "big" }, 20 * 1_048_576]);
  });

  test("the answer to what is too large arrives, though nobody read the rest", async () => {
    const response = await fetch(url(), { method: "POST", body: new URLSearchParams({ a: "x".repeat(3_000_000) }), headers: { accept: "application/json" } });
    expect(response.status).toBe(413);
  });

  test("malformed JSON is 400", async () => {
    expect((await fetch(url(), { method: "POST", body: "{", headers: json })).status).toBe(400);
  });
}

import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import type { RunBody } from "../../src/core/wire.ts";
import type { Subject } from "./adapter-contract.ts";
import { start } from "./body-tests.ts";

/** What a proxy in front of https://tickets.example adds. */
const forwarded = { "x-forwarded-proto": "https", "x-forwarded-host": "tickets.example" };

/** Pages of other sites start nothing; a proxy is believed only by who trusts it. */
export function testProxy(subject: Subject): void {
  const { at } = subject;
  const post = (headers: Record<string, string>) =>
    fetch(at("/shop/orders/A/start?ajax=1"), { method: "POST", headers, body: new URLSearchParams({ a: "1" }) });

  test("a page of another site cannot start anything, whatever X-Forwarded-Host says", async () => {
    expect((await post({ origin: "https://evil.example" })).status).toBe(403);
    expect((await post({ origin: "https://tickets.example", ...forwarded })).status).toBe(403);
  });

  test("a page of this site can", async () => {
    expect((await post({ origin: new URL(at("/")).origin })).status).toBe(200);
  });

  test("the site is what the Host header says", async () => {
    const answer = await getAs("shop.example:8080", at(await documentPath("/errand")));
    expect((JSON.parse(answer.body) as RunBody).url).toBe(`http://shop.example:8080${subject.prefix()}${answer.path}`);
  });

  test("a proxy that nobody trusts is ignored", async () => {
    const path = await documentPath("/errand");
    const document = (await (await fetch(at(path), { headers: { "x-user": "alice", ...forwarded } })).json()) as RunBody;
    expect(document.url).toBe(at(path));
    const visitor = await post(forwarded);
    expect(visitor.headers.getSetCookie().filter((cookie) => /;\s*Secure/i.test(cookie))).toEqual([]);
  });

  test("a trusted proxy says what the site is called", async () => {
    const path = await documentPath("/trusted");
    const document = (await (await fetch(at(path), { headers: { "x-user": "alice", ...forwarded } })).json()) as RunBody;
    expect(document.url).toBe(`https://tickets.example${subject.prefix()}${path}`);
  });

  async function documentPath(mount: string): Promise<string> {
    return `${mount}/tasks/${(await start(subject, new URLSearchParams({ a: "1" }))).pretix.async_id}/`;
  }

  async function getAs(host: string, url: string): Promise<{ path: string; body: string; headers: IncomingHttpHeaders }> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(url, { headers: { host, "x-user": "alice" }, agent: false }, (response) => {
        const path = new URL(url).pathname.slice(subject.prefix().length);
        text(response).then((body) => resolve({ path, body, headers: response.headers }), reject);
      });
      request.once("error", reject).end();
    });
  }
}

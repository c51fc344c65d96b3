import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import type { ArtifactBody, RunBody } from "../../src/core/wire.ts";
import type { Subject } from "./adapter-contract.ts";
import { start } from "./body-tests.ts";

const ERRAND = { "x-user": "alice" };

/** Addresses, methods, headers and errors come through as they are. */
export function testRequests(subject: Subject): void {
  const { at, probe, noParams, noLength, brokenEscape } = subject;

  test("the path and the query arrive as they were sent", async () => {
    const response = await fetch(at("/shop/orders/A%20B%2Fc%C3%A4/probe?x=%2F&y=a+b&z=%C3%A4"));
    const seen = (await response.json()) as { path: string; search: string; params: object; host: string };
    expect(seen).toMatchObject({
      path: `${subject.prefix()}/shop/orders/A%20B%2Fc%C3%A4/probe`,
      search: "?x=%2F&y=a+b&z=%C3%A4",
      host: new URL(at("/")).host,
    });
    expect(seen.params).toEqual(noParams ? {} : { code: "A B/cä" });
  });

  test(noParams ? `no parameters: ${noParams}` : "the path's parameters reach the action", async () => {
    expect((await start(subject, new URLSearchParams({ a: "1" }))).params).toEqual(noParams ? {} : { code: "A B" });
  });

  test(`a path that cannot be decoded is ${brokenEscape ? `an error: ${brokenEscape}` : "no fault of the server"}`, async () => {
    const { status } = await fetch(at("/shop/orders/%E0%A4/probe"));
    if (brokenEscape) expect(status).toBe(500);
    else expect(status).toBeLessThan(500);
  });

  test.each(["GET", "POST", "PUT", "PATCH", "DELETE"])("%s reaches the handler", async (method) => {
    // A parser in between may drop the spaces, and then the length that the client said is wrong.
    const sent = method === "GET" ? null : '{ "a": 1 }';
    const response = await fetch(probe("echo"), { method, body: sent, headers: { "content-type": "application/json" } });
    const { body, length, ...seen } = (await response.json()) as { method: string; body: string; length: string | null };
    expect([seen.method, body && JSON.parse(body)]).toEqual([method, sent === null ? "" : { a: 1 }]);
    expect([null, String(body.length)]).toContain(length);
  });

  test("HEAD has the headers of GET and no body", async () => {
    const response = await fetch(probe("echo"), { method: "HEAD" });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(await response.text()).toBe("");
  });

  test("an answer without a body stays without one", async () => {
    const response = await fetch(probe("nothing"));
    expect([response.status, await response.text(), response.headers.get("content-type")]).toEqual([204, "", null]);
  });

  test("several cookies stay several", async () => {
    const response = await fetch(probe("cookies"));
    expect(response.headers.getSetCookie()).toEqual(["one=1; Path=/; Expires=Wed, 21 Oct 2037 07:28:00 GMT", "two=2; Path=/; HttpOnly", "three=3"]);
  });

  test("redirects and cookies go through", async () => {
    const response = await fetch(at("/shop/orders/A/start"), { method: "POST", body: new URLSearchParams({ a: "1" }), redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([303, expect.stringMatching(/^\/done\?/)]);
    expect(response.headers.getSetCookie().map((cookie) => cookie.split("=")[0])).toEqual(["errand_visitor", expect.stringMatching(/^errand_flash_/)]);
  });

  test("run documents, downloads, ranges, HEAD and 404 come from the mounted handler", async () => {
    const headers = { ...ERRAND, "accept-encoding": "identity" };
    const { pretix } = await start(subject, new URLSearchParams({ a: "1" }));
    const response = await fetch(at(`/errand/tasks/${pretix.async_id}/`), { headers });
    const document = (await response.json()) as RunBody;
    expect(document).toMatchObject({ id: pretix.async_id, url: at(`/errand/tasks/${pretix.async_id}/`), state: "Succeeded" });
    const [left] = document.artifacts as [string];
    const artifact = (await (await fetch(left, { headers })).json()) as ArtifactBody;
    expect([artifact.self, artifact.status, artifact.name]).toEqual([left, document.url, "out.txt"]);
    const file = `${left}download`;
    expect(artifact.file.startsWith(`${file}?`)).toBe(true);
    expect((await (await fetch(artifact.file)).text()).length).toBe(300_000);
    const part = await fetch(file, { headers: { ...headers, range: "bytes=1-2" } });
    expect([part.status, await part.text()]).toEqual([206, "xx"]);
    const head = await fetch(file, { headers, method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, noLength ? null : "300000"]);
    expect((await fetch(at("/errand/errand.css"))).headers.get("content-type")).toBe("text/css; charset=utf-8");
    expect((await fetch(at("/errand/nothing"))).status).toBe(404);
  });

  test("what a handler throws is 500 without its words", async () => {
    const response = await fetch(probe("throw"));
    expect([response.status, await response.text()]).toEqual([500, expect.not.stringContaining("secret")]);
  });

  test("a connection serves on after errors", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const ask = (url: string, init: Sent = {}) => send(agent, url, init);
    const begin = at("/shop/orders/A/start");
    try {
      expect((await ask(at("/errand/nothing"))).status).toBe(404);
      expect((await ask(begin, { method: "POST", body: "a=1", headers: { ...form, origin: "https://evil.example" } })).status).toBe(403);
      expect((await ask(begin, { method: "POST", body: "{", headers: { "content-type": "application/json" } })).status).toBe(400);
      expect((await ask(probe("throw"))).status).toBe(500);
      expect((await ask(probe("throw"), { method: "POST", body: "a=1", headers: form })).status).toBe(500);
      expect(await ask(probe("echo"))).toMatchObject({ status: 200 });
      expect(await ask(probe("echo"))).toMatchObject({ status: 200, isReused: true });
    } finally {
      agent.destroy();
    }
  });
}

interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

function send(agent: Agent, url: string, { body, ...options }: Sent): Promise<{ readonly status: number | undefined; readonly isReused: boolean }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { ...options, agent }, (response: IncomingMessage) => {
      response.resume().once("error", reject);
      response.once("end", () => resolve({ status: response.statusCode, isReused: request.reusedSocket }));
    });
    request.once("error", reject).end(body);
  });
}

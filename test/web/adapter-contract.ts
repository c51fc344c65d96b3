import { once } from "node:events";
import { request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ArtifactBody, PretixBody, RunBody } from "../../src/core/wire.ts";
import type { Json, Upload } from "../../src/index.ts";
import type { WebHandler } from "../../src/web/index.ts";
import { type Gate, newGate, openSite, type TestSite } from "./fixture.ts";

/** What a server under test must serve, with the router or the dispatch that it has. */
export interface Routes {
  /** At /shop/orders/:code/start, any method, below a sub-router or a mount where there is such a thing. */
  readonly action: WebHandler;
  /** At the same place with /slow instead of /start. */
  readonly slow: WebHandler;
  /** Everything below /errand. */
  readonly mounted: WebHandler;
}

interface Contract {
  /** Reasons why a server cannot do something. */
  readonly without?: { readonly params?: string };
}

/** The same expectations of every adapter, over real HTTP. */
export function testAdapter(name: string, serve: (routes: Routes) => Server | Promise<Server>, { without = {} }: Contract = {}): void {
  describe(name, () => {
    let site: TestSite;
    let server: Server;
    let base: string;
    let gate: Gate;
    const aborted = Promise.withResolvers<void>();

    beforeAll(async () => {
      site = await openSite();
      const task = site.errand.task({
        name: "echo",
        run: async (input, { artifacts, open }) => {
          const { fields, params, file } = input as unknown as { fields: object; params: object; file?: Upload };
          let size = 0;
          if (file) for await (const chunk of await open(file)) size += chunk.byteLength;
          await artifacts.file("out.txt", "x".repeat(300_000));
          return { fields: JSON.stringify(fields), params: JSON.stringify(params), size };
        },
      });
      const action = site.web.asyncAction({
        task,
        input: ({ fields, params, files }) => ({ fields, params, file: files.file }) as unknown as Json,
        successUrl: "/done",
        errorUrl: "/failed",
        wait: 5000,
      });
      const slow: WebHandler = (request) => {
        gate.open();
        return new Promise((resolve) => {
          request.signal.addEventListener("abort", () => {
            aborted.resolve();
            resolve(new Response(null, { status: 499 }));
          });
        });
      };
      server = await serve({ action, slow, mounted: site.web.handler });
      if (!server.listening) await once(server.listen(0, "127.0.0.1"), "listening");
      base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await site.close();
    });

    const url = () => `${base}/shop/orders/A%20B/start`;
    async function start(
      body: RequestInit["body"],
      headers: Record<string, string> = {},
    ): Promise<{ pretix: PretixBody; result: { fields: string; params: string; size: number } }> {
      const response = await fetch(`${url()}?ajax=1`, { method: "POST", body: body ?? null, headers: { "x-user": "alice", ...headers } });
      expect(response.status).toBe(200);
      const pretix = (await response.json()) as PretixBody;
      const run = await site.errand.get(pretix.async_id);
      return { pretix, result: run?.result as never };
    }

    test("a form starts a run; its check URL is the path that the client asked for", async () => {
      const { pretix, result } = await start(
        new URLSearchParams([
          ["a", "1"],
          ["b", "x y&z=ä"],
          ["b", "2"],
        ]),
      );
      expect(pretix.check_url).toBe(`/shop/orders/A%20B/start?async_id=${pretix.async_id}&ajax=1`);
      expect(JSON.parse(result.fields)).toEqual({ a: "1", b: ["x y&z=ä", "2"] });
      const check = await fetch(base + pretix.check_url, { headers: { "x-user": "alice" } });
      expect(((await check.json()) as PretixBody).ready).toBe(true);
    });

    test(without.params ? `no parameters: ${without.params}` : "the path's parameters reach the action", async () => {
      expect(JSON.parse((await start(new URLSearchParams({ a: "1" }))).result.params)).toEqual(without.params ? {} : { code: "A B" });
    });

    test("JSON starts a run", async () => {
      const { result } = await start('{"a": 1, "list": [1, {"b": null}]}', { "content-type": "application/json" });
      expect(JSON.parse(result.fields)).toEqual({ a: 1, list: [1, { b: null }] });
    });

    test("a POST without a body starts a run", async () => {
      expect(JSON.parse((await start(undefined)).result.fields)).toEqual({});
    });

    test("a file of several megabytes is uploaded", async () => {
      const form = new FormData();
      form.append("title", "big");
      form.append("file", new File(["x".repeat(3_000_000)], "big.csv"));
      const { result } = await start(form);
      expect([JSON.parse(result.fields), result.size]).toEqual([{ title: "big" }, 3_000_000]);
    });

    test("the answer to what is too large arrives, though nobody read the rest", async () => {
      const response = await fetch(url(), { method: "POST", body: new URLSearchParams({ a: "x".repeat(3_000_000) }), headers: { accept: "application/json" } });
      expect(response.status).toBe(413);
    });

    test("malformed JSON is 400", async () => {
      const response = await fetch(url(), { method: "POST", body: "{", headers: { "content-type": "application/json", accept: "application/json" } });
      expect(response.status).toBe(400);
    });

    test("redirects and cookies go through", async () => {
      const response = await fetch(url(), { method: "POST", body: new URLSearchParams({ a: "1" }), redirect: "manual" });
      expect([response.status, response.headers.get("location")]).toEqual([303, "/done"]);
      expect(response.headers.getSetCookie().map((cookie) => cookie.split("=")[0])).toEqual(["errand_visitor", expect.stringMatching(/^errand_flash_/)]);
    });

    test("a page of another site cannot start anything", async () => {
      const response = await fetch(url(), { method: "POST", headers: { origin: "https://evil.example" }, body: new URLSearchParams({ a: "1" }) });
      expect(response.status).toBe(403);
    });

    test("a page of this site can", async () => {
      const response = await fetch(`${url()}?ajax=1`, { method: "POST", headers: { origin: base }, body: new URLSearchParams({ a: "1" }) });
      expect(response.status).toBe(200);
    });

    test("run documents, downloads, HEAD and 404 come from the mounted handler", async () => {
      const headers = { "x-user": "alice" };
      const { pretix } = await start(new URLSearchParams({ a: "1" }));
      const response = await fetch(`${base}/errand/tasks/${pretix.async_id}/`, { headers });
      const document = (await response.json()) as RunBody;
      expect(document).toMatchObject({ id: pretix.async_id, url: `${base}/errand/tasks/${pretix.async_id}/`, state: "Succeeded" });
      const [left] = document.artifacts as [string];
      const artifact = (await (await fetch(left, { headers })).json()) as ArtifactBody;
      expect([artifact.self, artifact.status, artifact.name]).toEqual([left, document.url, "out.txt"]);
      const file = `${left}download`;
      expect(artifact.file.startsWith(`${file}?`)).toBe(true);
      expect((await (await fetch(artifact.file)).text()).length).toBe(300_000);
      expect((await (await fetch(file, { headers })).text()).length).toBe(300_000);
      const part = await fetch(file, { headers: { ...headers, range: "bytes=1-2" } });
      expect([part.status, await part.text()]).toEqual([206, "xx"]);
      const head = await fetch(file, { headers, method: "HEAD" });
      expect([head.status, head.headers.get("content-length")]).toEqual([200, "300000"]);
      expect((await fetch(`${base}/errand/errand.css`)).headers.get("content-type")).toBe("text/css; charset=utf-8");
      expect((await fetch(`${base}/errand/nothing`)).status).toBe(404);
    });

    test("a client that goes away aborts the request's signal", async () => {
      gate = newGate();
      const opened = gate.pass();
      const client = httpRequest(`${base}/shop/orders/X/slow`, { method: "GET" });
      client.on("error", () => {});
      client.end();
      await opened;
      client.destroy();
      await aborted.promise;
    });
  });
}

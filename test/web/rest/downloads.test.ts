import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { ArtifactBody } from "../../../src/core/wire.ts";
import type { Task } from "../../../src/index.ts";
import { errandWeb } from "../../../src/web/index.ts";
import { type Api, openApi, person } from "./api.ts";

const SECRET = "the secret of this site";
const NAME = 'Prüfung "1"\r\nSet-Cookie: a=b/../../etc/passwd.html';

let api: Api;
let make: Task<unknown, unknown>;

beforeAll(async () => {
  api = await openApi({}, { secret: SECRET });
  make = api.site.errand.task({
    name: "make",
    run: async (_input, { artifacts }) => {
      await artifacts.file(NAME, "0123456789", { type: "text/html" });
      await artifacts.file("other.txt", "of the same run");
      await artifacts.url("https://shop.example/?a=1&b=2", "Shop");
      await artifacts.text("plain", "Note");
    },
  }) as Task<unknown, unknown>;
});
afterAll(() => api.site.close());

async function made(): Promise<{ readonly run: string; readonly artifacts: readonly ArtifactBody[] }> {
  const run = (await make.delay(null, { owner: "alice" })).id;
  const { body } = await api.ask<ArtifactBody[]>("alice", `/errand/artifacts/?run=${run}`);
  return { run, artifacts: body.reverse() };
}

const linkOf = async (id: string) => (await api.ask<ArtifactBody>("alice", `/errand/artifacts/${id}/`)).body.file;
const at = async <Result>(time: number, act: () => Promise<Result>): Promise<Result> => {
  vi.useFakeTimers({ toFake: ["Date"], now: time });
  try {
    return await act();
  } finally {
    vi.useRealTimers();
  }
};

test("a file has a link, a URL its address, a text itself; lists say the same", async () => {
  const { artifacts } = await made();
  expect(artifacts.map(({ kind, url, text, type, size }) => [kind, url, text, type, size])).toEqual([
    ["file", "", "", "text/html", 10],
    ["file", "", "", "text/plain; charset=utf-8", 15],
    ["url", "https://shop.example/?a=1&b=2", "", null, null],
    ["text", "", "plain", null, null],
  ]);
  for (const { id, kind, file } of artifacts) {
    expect(file).toMatch(
      kind === "file" ? new RegExp(`^https://tickets\\.example/errand/artifacts/${id}/download\\?expires=\\d+&signature=[\\w-]{43}$`) : /^$/,
    );
  }
});

test("a link opens the file to whoever has it, as a harmless attachment", async () => {
  const { artifacts } = await made();
  const answer = await api.ask("nobody", artifacts[0]?.file as string);
  expect([answer.status, answer.text]).toEqual([200, "0123456789"]);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "text/html",
    "content-length": "10",
    "content-disposition": `attachment; filename="Prufung _1_Set-Cookie_ a=b_.._.._etc_passwd.html"; filename*=UTF-8''Pr%C3%BCfung%20_1_Set-Cookie_%20a%3Db_.._.._etc_passwd.html`,
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'",
    "referrer-policy": "same-origin",
    "cache-control": "private, no-cache",
  });
  expect(answer.headers.getSetCookie()).toEqual([]);
});

test("ranges, conditions and HEAD work on a link as on any file", async () => {
  const link = (await made()).artifacts[0]?.file as string;
  const part = async (headers: Record<string, string>, method = "GET") => {
    const { status, text, headers: got } = await api.ask("nobody", link, { headers, method });
    return [status, got.get("content-range"), got.get("content-length"), status === 416 ? "" : text];
  };
  const etag = (await api.ask("nobody", link)).headers.get("etag") as string;
  expect(await part({ range: "bytes=2-4" })).toEqual([206, "bytes 2-4/10", "3", "234"]);
  expect(await part({ range: "bytes=-1" })).toEqual([206, "bytes 9-9/10", "1", "9"]);
  expect(await part({ range: "bytes=10-" })).toEqual([416, "bytes */10", null, ""]);
  expect(await part({ range: "bytes=0-1,3-4" })).toEqual([200, null, "10", "0123456789"]);
  expect(await part({ range: "bytes=0-1", "if-range": etag })).toEqual([206, "bytes 0-1/10", "2", "01"]);
  expect(await part({ range: "bytes=0-1", "if-range": '"older"' })).toEqual([200, null, "10", "0123456789"]);
  expect(await part({ "if-none-match": etag })).toEqual([304, null, null, ""]);
  expect(await part({}, "HEAD")).toEqual([200, null, "10", ""]);
  expect(await part({ range: "bytes=2-4" }, "HEAD")).toEqual([200, null, "10", ""]);
});

test("a link opens for five minutes and then says so, also to its owner", async () => {
  const link = (await made()).artifacts[0]?.file as string;
  const now = Date.now();
  expect((await at(now + 290_000, () => api.ask("nobody", link))).status).toBe(200);
  const late = await at(now + 302_000, () => api.ask<{ detail: string }>("alice", link));
  expect([late.status, late.body.detail]).toEqual([403, "This download link has expired. Go back and click the download again."]);
});

test("downloadExpiry sets how long a link opens", async () => {
  const { artifacts } = await made();
  const web = errandWeb(api.site.errand, { identify: () => ({ id: "alice" }), downloadExpiry: "1h" });
  const response = await person(web.handler, "nobody").send(`/errand/artifacts/${artifacts[0]?.id}/`);
  const { file } = (await response.json()) as ArtifactBody;
  expect((await at(Date.now() + 3_500_000, () => api.ask("nobody", file))).status).toBe(200);
  expect(() => errandWeb(api.site.errand, { downloadExpiry: "soon" as never })).toThrow('downloadExpiry must be a number of ms or a text such as "500ms"');
});

test("a link that was changed in any part, or made for another artifact or purpose, is 403", async () => {
  const { artifacts } = await made();
  const [first, second] = artifacts as [ArtifactBody, ArtifactBody];
  const url = new URL(first.file);
  const [expires, signature] = [url.searchParams.get("expires") as string, url.searchParams.get("signature") as string];
  const path = `/errand/artifacts/${first.id}/download`;
  const sign = (purpose: string, value: string, secret = SECRET) => createHmac("sha256", secret).update(`${purpose}\n${value}`).digest("base64url");
  expect((await api.ask("nobody", `${path}?expires=${expires}&signature=${sign("download", `${first.id}/${expires}`)}`)).status).toBe(200);
  for (const query of [
    `expires=${Number(expires) + 1}&signature=${signature}`,
    `expires=0${expires}&signature=${signature}`,
    `signature=${signature}`,
    `expires=&signature=${signature}`,
    `expires=NaN&signature=${signature}`,
    `expires=99999999999999999999&signature=${signature}`,
    `expires=${expires}&signature=`,
    `expires=${expires}&signature=${signature.slice(1)}`,
    `expires=${expires}&signature=${signature}.`,
    `expires=${expires}&signature=${"x".repeat(5000)}`,
    `expires=${expires}&signature=${sign("visitor", `${first.id}/${expires}`)}`,
    `expires=${expires}&signature=${sign("download", `${first.id}/${expires}`, "a guess")}`,
    `expires=${expires}&signature=${new URL(second.file).searchParams.get("signature")}`,
  ]) {
    const answer = await api.ask<{ detail: string }>("nobody", `${path}?${query}`);
    expect([query.slice(0, 80), answer.status, answer.body.detail]).toEqual([query.slice(0, 80), 403, expect.stringContaining("not valid")]);
  }
  expect((await api.ask("nobody", path)).status).toBe(403);
  expect((await api.ask("bob", path)).status).toBe(404);
  expect((await api.ask("alice", path)).status).toBe(200);
});

test("only somebody who may see the run gets a link", async () => {
  const { artifacts } = await made();
  const path = `/errand/artifacts/${artifacts[0]?.id}/`;
  expect((await api.ask("bob", path)).status).toBe(404);
  expect((await api.ask("nobody", path)).status).toBe(403);
  expect((await api.ask<ArtifactBody>("admin", path)).body.file).toContain("&signature=");
});

test("deleting the run ends its links at once, and takes its files from the storage", async () => {
  const { run, artifacts } = await made();
  const link = await linkOf(artifacts[0]?.id as string);
  const key = (await api.site.errand.artifacts.list([run]))[0]?.key as string;
  expect(await api.site.errand.storage.list(`artifacts/${run}`)).toHaveLength(2);
  expect((await api.ask("alice", `/errand/tasks/${run}/`, { method: "DELETE" })).status).toBe(204);
  expect((await api.ask("nobody", link)).status).toBe(404);
  expect(await api.site.errand.storage.list(`artifacts/${run}`)).toEqual([]);
  expect(await api.site.errand.storage.read(key)).toBeNull();
});

test("a text that differs by language has an ETag by language", async () => {
  const task = api.site.errand.task({ name: "fails", run: () => Promise.reject(new Error("secret detail")) });
  const { id } = await task.delay(undefined, { owner: "alice" });
  const [artifact] = (await api.ask<ArtifactBody[]>("alice", `/errand/artifacts/?run=${id}`)).body as [ArtifactBody];
  const path = `/errand/artifacts/${artifact.id}/download`;
  const english = await api.ask("alice", path, { headers: { "accept-language": "en" } });
  const german = await api.ask("alice", path, { headers: { "accept-language": "de", "if-none-match": english.headers.get("etag") as string } });
  expect([artifact.name, english.text, german.status, german.text]).toEqual([
    "Error",
    expect.stringContaining("An unexpected error has occurred"),
    200,
    expect.stringContaining("Ein unerwarteter Fehler ist aufgetreten"),
  ]);
  const again = await api.ask("alice", path, { headers: { "if-none-match": english.headers.get("etag") as string } });
  expect(again.status).toBe(304);
});

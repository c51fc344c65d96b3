import { afterAll, beforeAll, expect, test } from "vitest";
import type { PretixBody } from "../../src/core/wire.ts";
import { type Storage, type Upload, UserError } from "../../src/index.ts";
import { fileSystem } from "../../src/storages/file-system.ts";
import { errandWeb, type Files, type WebHandler } from "../../src/web/index.ts";
import { Browser, openSite, type TestSite } from "./fixture.ts";

let site: TestSite;
let action: WebHandler;
let seen: { fields: unknown; files: Files } | undefined;

beforeAll(async () => {
  site = await openSite({ maxUpload: 100_000, maxBody: 5_000, maxFields: 10 });
  const task = site.errand.task({
    name: "count",
    run: async (input, { open }) => {
      let bytes = 0;
      const { file } = input as unknown as { file: Upload };
      for await (const chunk of await open(file)) bytes += chunk.byteLength;
      return { bytes };
    },
  });
  action = site.web.asyncAction({
    task,
    input: ({ fields, files }) => {
      seen = { fields: { ...fields }, files };
      if (fields.refuse) throw new UserError("No.");
      return { file: files.file ?? null } as never;
    },
    successUrl: "/done",
    errorUrl: "/failed",
    successMessage: ({ bytes }) => `${bytes} bytes`,
    wait: 5000,
  });
});
afterAll(() => site.close());

const send = (form: FormData | string, headers = {}) => new Browser(action).send("/count", { body: form, headers: { accept: "application/json", ...headers } });
function form(parts: Record<string, string | File | readonly File[]>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(parts)) for (const part of [value].flat()) data.append(name, part as string);
  return data;
}

test("a file goes to the storage, and the task reads it by its reference", async () => {
  const content = "name,email\n".repeat(5000);
  const response = await send(form({ ajax: "1", title: "Liste ä", file: new File([content], "list.csv", { type: "text/csv" }) }));
  const body = (await response.json()) as PretixBody;
  expect(body).toMatchObject({ success: true, message: `${content.length} bytes` });
  expect(seen).toEqual({
    fields: { title: "Liste ä" },
    files: { file: { upload: expect.stringMatching(/^[0-9a-f-]{36}$/), name: "list.csv", type: "text/csv", size: content.length } },
  });
  expect(await site.uploads()).toContain(body.async_id);
});

test("a name of a file is text and leads nowhere; an empty file field is no file; several files are a list", async () => {
  const a = new File(["a"], "../../../etc/passwd\u0000.csv");
  await send(form({ ajax: "1", file: a, none: new File([], ""), many: [new File(["1"], "1"), new File(["22"], "2")] }));
  expect(Object.keys(seen?.files ?? {})).toEqual(["file", "many"]);
  expect(seen?.files.file).toMatchObject({ upload: expect.stringMatching(/^[0-9a-f-]{36}$/), size: 1 });
  expect(seen?.files.many).toMatchObject([
    { name: "1", size: 1 },
    { name: "2", size: 2 },
  ]);
});

test("a named empty file is a file of 0 bytes", async () => {
  const body = (await (await send(form({ ajax: "1", file: new File([], "empty.csv") }))).json()) as PretixBody;
  expect(body.message).toBe("0 bytes");
});

const leavesNothing = async (answer: Promise<Response>, status: number, detail: unknown) => {
  const before = await site.uploads();
  const response = await answer;
  expect([response.status, await response.json()]).toEqual([status, detail]);
  // What was being written as the form was refused is removed a moment later.
  await expect.poll(async () => (await site.uploads()).filter((id) => !before.includes(id))).toEqual([]);
};
const saying = (text: string) => ({ detail: expect.stringContaining(text) });

test("limits hold while a form is read, and nothing is left of it", async () => {
  const small = new File(["x".repeat(10)], "a");
  await leavesNothing(send(form({ file: new File(["x".repeat(100_001)], "large") })), 413, saying("at most 97.7 KiB"));
  await leavesNothing(send(form({ a: new File(["x".repeat(60_000)], "a"), b: new File(["x".repeat(60_000)], "b") })), 413, saying("files are too large"));
  await leavesNothing(send(form({ file: small, text: "x".repeat(5_001) })), 413, saying("at most 4.9 KiB"));
  await leavesNothing(send(form({ file: small, a: "x".repeat(4_000), b: "x".repeat(4_000) })), 413, saying("at most 4.9 KiB"));
  await leavesNothing(
    send(form({ file: small, ...Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`f${index}`, "x"])) })),
    413,
    saying("at most 10"),
  );
});

test("nothing is left of a form whose input is refused, or that breaks off", async () => {
  await leavesNothing(send(form({ file: new File(["x"], "a"), refuse: "1" })), 422, { message: expect.any(String), errors: [{ path: "", message: "No." }] });
  const headers = { "content-type": "multipart/form-data; boundary=abc" };
  const start = '--abc\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nsome bytes';
  await leavesNothing(send(start, headers), 400, saying("could not be read"));
  await leavesNothing(send(`${start}\r\n--ab`, headers), 400, saying("could not be read"));
  await leavesNothing(send("no form at all", headers), 400, saying("could not be read"));
  await leavesNothing(send(start, { "content-type": "multipart/form-data" }), 400, saying("could not be read"));
});

test("a client that goes away in the middle leaves nothing", async () => {
  const before = await site.uploads();
  const gone = new AbortController();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(Buffer.from('--abc\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nsome bytes'));
      gone.signal.addEventListener("abort", () => controller.error(new Error("gone")));
    },
  });
  const request = new Request("https://tickets.example/count", {
    method: "POST",
    headers: { "content-type": "multipart/form-data; boundary=abc" },
    body,
    duplex: "half",
    signal: gone.signal,
  });
  const answer = action(request);
  gone.abort();
  await answer;
  expect(await site.uploads()).toEqual(before);
});

test("a full disk is 503 with Retry-After, and nothing is left", async () => {
  const files = fileSystem("unused");
  const full: Storage = {
    ...files,
    async write(_key, chunks) {
      for await (const chunk of chunks) if (chunk.byteLength > 0) throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      return 0;
    },
  };
  const other = await openSite({}, { storage: full });
  const task = other.errand.task({ name: "full", run: () => 1 });
  const handler = errandWeb(other.errand).asyncAction({ task, successUrl: "/", errorUrl: "/" });
  const response = await new Browser(handler).send("/full", {
    body: form({ file: new File(["x".repeat(200_000)], "a") }),
    headers: { accept: "application/json" },
  });
  expect([response.status, response.headers.get("retry-after"), await response.json()]).toEqual([503, "5", saying("cannot be saved")]);
  await other.close();
});

test("`input` and `key` can look into a file before the run begins, but into no other's", async () => {
  const task = site.errand.task({ name: "look", run: () => null });
  const read: string[] = [];
  const look = site.web.asyncAction({
    task,
    input: async ({ files, open }) => {
      for await (const chunk of await open(files.file as Upload)) read.push(Buffer.from(chunk).toString());
      const other = { upload: "018f0000-0000-7000-8000-000000000000", name: "x", type: "text/plain", size: 1 };
      await expect(open(other)).rejects.toThrow("not there");
      await expect(open({ ...other, upload: "../../errand.sqlite" })).rejects.toThrow("not there");
      return null;
    },
    successUrl: "/done",
    errorUrl: "/failed",
    wait: 5000,
  });
  const answer = await new Browser(look).send("/look", { body: form({ ajax: "1", file: new File(["name\nAnn\n"], "list.csv") }) });
  expect([answer.status, read.join("")]).toEqual([200, "name\nAnn\n"]);
});

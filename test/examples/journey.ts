import { setTimeout as rest } from "node:timers/promises";
import { expect } from "vitest";
import { Visitor } from "../demo/visitor.ts";

/** Between two looks at the page that waits, ms; a browser would follow its refresh. */
const LOOK = 50;

/** What somebody without JavaScript lives through: the form, the page that waits, the page with the download, and its file. */
export async function exportWithoutScripts(url: string): Promise<void> {
  const visitor = new Visitor({ url });
  const form = await (await visitor.get("/")).text();
  expect(form).toMatch(/<form[^>]* method="post"[^>]* action="\/export"|<form[^>]* action="\/export"[^>]* method="post"/);
  const started = await visitor.post("/export", { year: "2031" }, { accept: "text/html", origin: url });
  expect(started.status).toBe(303);
  const waiting = started.headers.get("location") as string;
  expect(waiting).toMatch(/^\/export\?async_id=/);

  const shown = new Set<string>();
  let page = await visitor.get(waiting, { accept: "text/html" });
  while (page.status === 200) {
    const text = await page.text();
    for (const [month] of text.matchAll(/Exporting month \d+ of 2031/g)) shown.add(month);
    await rest(LOOK);
    page = await visitor.get(waiting, { accept: "text/html" });
  }
  expect(shown.size).toBeGreaterThan(1);
  expect(page.status).toBe(302);
  const done = page.headers.get("location") as string;
  expect(done).toMatch(/^\/done\/[\w-]+$/);

  const result = await (await visitor.get(done, { accept: "text/html" })).text();
  const [, download] = /<a href="([^"]+)">[^<]*orders\.csv/.exec(result.replaceAll("<!-- -->", "")) as unknown as [string, string];
  const file = await (await visitor.get(download)).text();
  expect(file.trim().split("\n")).toEqual(Array.from({ length: 12 }, (_, month) => `2031-${month + 1},${(month + 1) * 7}`));

  const stranger = new Visitor({ url });
  expect([(await stranger.get(done)).status, (await stranger.get(download)).status]).toEqual([404, 403]);
}

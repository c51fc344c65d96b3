import { afterAll, beforeAll, expect, test } from "vitest";
import type { WebHandler } from "../../src/web/index.ts";
import { refreshAfter } from "../../src/web/retry-after.ts";
import { Browser, type Gate, newGate, openSite, type TestSite, until } from "./fixture.ts";

let site: TestSite;
let action: WebHandler;
let gate: Gate;

beforeAll(async () => {
  site = await openSite({}, { messages: { en: { "web.canceled": "You stopped this." }, pt: { "web.cancel": "Parar" } } });
  const task = site.errand.task({
    name: "export",
    retries: { times: 2, delay: "1h" },
    generateName: () => 'Export of <b>"Tea"</b>',
    calculateTotalSteps: (input) => (input as { steps?: number }).steps ?? 4,
    run: async (input, { status, signal }) => {
      const { how } = input as { how?: string };
      if (how === "break") throw new Error("broken");
      await status.setState("Row 2 of <i>4</i>");
      await status.incrementCompletedSteps(2);
      await Promise.race([gate.pass(), new Promise((resolve) => signal.addEventListener("abort", resolve))]);
      await status.incrementCompletedSteps();
    },
  });
  action = site.web.asyncAction({
    task,
    successUrl: "/done",
    errorUrl: "/failed",
    input: ({ fields }) => ({ ...fields, ...(fields.steps !== undefined && { steps: Number(fields.steps) }) }),
    wait: 0,
  });
});
afterAll(() => site.close());

/** Starts a run and comes to the address where it is watched. */
async function start(browser: Browser, form: Record<string, string> = { by: "form" }) {
  gate = newGate();
  const checkUrl = (await browser.send("/export", { form })).headers.get("location") as string;
  return { checkUrl, id: checkUrl.slice(-36) };
}

test("the waiting page shows name, progress and state as text, refreshes itself and is not kept", async () => {
  const browser = new Browser(action);
  const { checkUrl, id } = await start(browser);
  await until(site.errand, id, (run) => run.completedSteps === 2);
  const response = await browser.send(checkUrl);
  const html = await response.text();
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    vary: "Cookie, Accept-Language",
    "content-security-policy": expect.stringContaining("default-src 'none'"),
  });
  expect(html).toMatch(/^<!doctype html><html lang="en" dir="ltr">/);
  expect(html).toContain("<h1>We are processing your request …</h1>");
  expect(html).toContain("Export of &lt;b&gt;&quot;Tea&quot;&lt;/b&gt;");
  expect(html).toContain("Row 2 of &lt;i&gt;4&lt;/i&gt;");
  expect(html).toMatch(/<progress aria-label="Progress" max="100" value="50">50 %<\/progress><span>2 of 4 steps<\/span>/);
  expect(html).toContain('<meta http-equiv="refresh" content="1"/>');
  expect(html).toMatch(/Last change: <time datetime="[^"]+Z">[^<]+<\/time>/);
  expect(html).not.toContain("Attempt");
  expect(html).toContain(
    `<form method="post" action="/errand/tasks/${id}/cancel/"><input type="hidden" name="next" value="${checkUrl}"/><button type="submit">Cancel</button></form>`,
  );
  gate.open();
});

test("the page asks for itself every second at first, every 10 s for a long run", () => {
  expect([-5000, 0, 9_999, 10_001, 45_000, 100_000, 86_400_000].map(refreshAfter)).toEqual([1, 1, 1, 2, 5, 10, 10]);
});

test("without JavaScript: Cancel, back to the waiting page, then to the error page with a message", async () => {
  const browser = new Browser(action);
  const { checkUrl, id } = await start(browser);
  await gate.reached;
  const canceled = await browser.as(site.web.handler).send(`/errand/tasks/${id}/cancel/`, { form: { next: checkUrl }, headers: { accept: "text/html" } });
  expect([canceled.status, canceled.headers.get("location")]).toEqual([303, checkUrl]);
  await until(site.errand, id, (run) => run.state === "canceled");
  const end = await browser.send(checkUrl);
  expect([end.status, end.headers.get("location")]).toEqual([302, "/failed"]);
  const { messages } = await site.web.flashes(
    new Request("https://tickets.example/failed", { headers: { cookie: [...browser.cookies].map((pair) => pair.join("=")).join("; ") } }),
  );
  expect(messages).toEqual([{ level: "error", text: "You stopped this." }]);
});

test("a form's next never leads to another site", async () => {
  const browser = new Browser(action);
  const { id } = await start(browser);
  for (const next of ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]) {
    const response = await browser.as(site.web.handler).send(`/errand/tasks/${id}/cancel`, { form: { next }, headers: { accept: "text/html" } });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/"]);
  }
});

test("between two attempts the page says which one comes", async () => {
  const browser = new Browser(action);
  const { checkUrl, id } = await start(browser, { how: "break" });
  await until(site.errand, id, (run) => run.state === "retrying");
  const html = await (await browser.send(checkUrl)).text();
  expect(html).toContain("An attempt failed; retrying, attempt 2 of 3.");
  expect(html).toContain("Attempt 2 of 3");
});

test("a run that counts no steps shows that something goes on, without a number", async () => {
  const browser = new Browser(action);
  const { checkUrl } = await start(browser, { steps: "1" });
  await gate.reached;
  const html = await (await browser.send(checkUrl)).text();
  expect(html).toContain('<progress aria-label="Progress: not known yet">');
  expect(html).not.toContain('value="0"');
  gate.open();
});

test("the page speaks the reader's language", async () => {
  const browser = new Browser(action);
  const { checkUrl } = await start(browser);
  const headings = {
    de: "Wir bearbeiten Ihre Anfrage …",
    fr: "Nous traitons votre demande …",
    es: "Estamos procesando su solicitud …",
    ja: "We are processing your request …",
  };
  for (const [language, heading] of Object.entries(headings)) {
    expect(await (await browser.send(checkUrl, { headers: { "accept-language": language } })).text()).toContain(`<h1>${heading}</h1>`);
  }
  gate.open();
});

import { expect, test } from "vitest";
import type { MinuteCount } from "../../../src/core/workers.ts";
import { Throughput } from "../../../src/web/pages/admin/throughput.tsx";
import type { PageContext } from "../../../src/web/pages/tasks/page-context.ts";
import { renderText } from "../../../src/web/texts.ts";

const NOW = Date.parse("2026-11-21T07:34:21Z");
const MINUTE = 60_000;
const thisMinute = Date.parse("2026-11-21T07:34:00Z");
const say: PageContext["say"] = (message) => renderText({ render: (asked) => (typeof asked === "string" ? asked : asked.key) }, message, "en");
const context = {
  now: NOW,
  locale: "en-GB",
  say,
  text: (key: string, params: Record<string, number>) => say({ key: `pages.${key}`, params }),
} as unknown as PageContext;

const draw = (minutes: readonly MinuteCount[]) => (<Throughput context={context} minutes={minutes} />).toString() as string;
const count = (ago: number, succeeded: number, failed = 0, canceled = 0): MinuteCount => ({ minute: thisMinute - ago * MINUTE, succeeded, failed, canceled });

interface Bar {
  readonly kind: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function bars(html: string): Bar[] {
  return [...html.matchAll(/<rect class="errand-bar-(\w+)" x="([^"]+)" y="([^"]+)" width="([^"]+)" height="([^"]+)"/g)].map(([, kind, ...numbers]) => {
    const [x, y, width, height] = numbers.map(Number) as [number, number, number, number];
    return { kind: kind as string, x, y, width, height };
  });
}

test("each minute has its place: now at the right, an hour ago at the left", () => {
  expect(bars(draw([count(59, 1), count(30, 1), count(0, 1)])).map(({ x }) => x)).toEqual([0, 290, 590]);
});

test("the tallest minute fills the drawing, the others are in proportion, and a lone failure among thousands is still seen", () => {
  const drawn = bars(draw([count(2, 5000, 1), count(1, 2500), count(0, 1)]));
  expect(drawn.map(({ kind }) => kind)).toEqual(["failed", "succeeded", "succeeded", "succeeded"]);
  const [failed, tallest, half, least] = drawn as [Bar, Bar, Bar, Bar];
  expect([failed.height, least.height]).toEqual([2, 2]);
  expect(half.height / tallest.height).toBeCloseTo(0.5, 2);
  for (const { x, y, width, height } of drawn) {
    expect(y).toBeGreaterThanOrEqual(0);
    expect(y + height).toBeLessThanOrEqual(64.1);
    expect(x + width).toBeLessThanOrEqual(600);
  }
});

test("a minute's kinds stand on one another, failures at the bottom", () => {
  const [failed, canceled, succeeded] = bars(draw([count(0, 2, 1, 1)])) as [Bar, Bar, Bar];
  expect([failed.kind, canceled.kind, succeeded.kind]).toEqual(["failed", "canceled", "succeeded"]);
  expect(failed.y + failed.height).toBeCloseTo(64, 0);
  expect(canceled.y + canceled.height).toBeCloseTo(failed.y, 0);
  expect(succeeded.y + succeeded.height).toBeCloseTo(canceled.y, 0);
});

test("the text says what the drawing shows, and the table has each minute, newest first", () => {
  const html = draw([count(9, 3, 1), count(2, 4, 0, 2)]);
  const sentence = "10 ended: 7 succeeded, 1 failed, 2 canceled. At most 6 in a minute.";
  expect(html).toContain(`role="img" aria-label="${sentence}"`);
  expect(html).toContain(`<p class="errand-quiet">${sentence}</p>`);
  expect([...html.matchAll(/<th scope="row"><time datetime="([^"]+)"/g)].map(([, at]) => at)).toEqual(["2026-11-21T07:32:00.000Z", "2026-11-21T07:25:00.000Z"]);
});

test("what is older than an hour is left out, and without anything there is a sentence and no drawing", () => {
  for (const minutes of [[], [count(60, 5)]]) {
    const html = draw(minutes);
    expect(html).toContain("Nothing ended in the last hour.");
    expect(html).not.toContain("<svg");
  }
});

import { type Catalogue, type Message, renderMessage } from "../../core/messages.ts";
import type { Notice } from "../../core/notify.ts";
import type { Run } from "../../core/run.ts";

/** Longest texts, characters. */
const LONGEST_NAME = 150;
const LONGEST_LINE = 1000;
/** Most artifacts that are named. */
const MOST_NAMED = 10;
/** Control characters, line ends of every kind, and what turns the direction of the text around it or hides itself. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/gu;

export interface NoticeParts {
  readonly run: Run;
  /** Names of what the run left, the first ones, and how many there are besides. */
  readonly artifacts: readonly string[];
  readonly url: string | null;
  readonly locale: string;
  readonly catalogue: Catalogue;
}

/** What is said of a run that ended. Names and messages are untrusted: each becomes one line, bounded, without control characters. */
export function noticeOf({ run, artifacts, url, locale, catalogue }: NoticeParts): Notice {
  const say = (message: Message) => renderMessage(message, locale, catalogue);
  const name = oneLine(run.name, LONGEST_NAME);
  const lines = [say({ key: `notify.${run.state}`, params: { name } })];
  if (run.state === "failed" && run.error) {
    const { message, support } = run.error;
    lines.push(oneLine(say(support === undefined ? message : { key: "run.unexpected_support", params: { support } }), LONGEST_LINE));
  }
  const named = artifacts.slice(0, MOST_NAMED).map((artifact) => oneLine(artifact, LONGEST_NAME));
  if (artifacts.length > MOST_NAMED) named.push(say({ key: "notify.more", params: { count: artifacts.length - MOST_NAMED } }));
  return {
    locale,
    subject: oneLine(say({ key: `notify.subject.${run.state}`, params: { name } }), LONGEST_NAME + 50),
    lines,
    artifacts: named,
    labels: { artifacts: say({ key: "notify.artifacts" }), open: say({ key: "notify.open" }) },
    url,
  };
}

/** The text on one line, cut between whole characters where it is too long. */
export function oneLine(text: string, longest: number): string {
  const line = text.toWellFormed().replace(UNSEEN, " ").replace(/\s+/gu, " ").trim();
  if (line.length <= longest) return line;
  const kept = [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(line.slice(0, 2 * longest))];
  let short = "";
  for (const { segment } of kept) {
    if (short.length + segment.length > longest - 1) break;
    short += segment;
  }
  return `${short}…`;
}

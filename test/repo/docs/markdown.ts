import MarkdownIt, { type Token } from "markdown-it";
import { filesUnder, read } from "../files.ts";

/** A block of code on a page. */
export interface Block {
  /** Relative to the repo, such as "docs/guide.md". */
  readonly page: string;
  /** Of its first line of code, 1-based. */
  readonly line: number;
  /** First word behind the fence, such as "ts". */
  readonly language: string;
  /** The words behind it: `run`, `file=errand.ts`, `of=RunBody`, `unchecked="why"`. One without "=" is "". */
  readonly marks: Readonly<Record<string, string>>;
  readonly code: string;
  /** What the page takes as given, which nobody sees when it is rendered. */
  readonly given: readonly Given[];
}

/** TypeScript in an HTML comment: `<!-- given` before one block, `<!-- given below` for all behind it, until the next such, but for files. */
export interface Given {
  readonly line: number;
  readonly code: string;
}

export interface Page {
  readonly path: string;
  readonly blocks: readonly Block[];
  /** Targets of links and pictures. */
  readonly links: readonly string[];
  /** As GitHub makes anchors of the headings. */
  readonly anchors: readonly string[];
  /** Code within sentences. */
  readonly inline: readonly string[];
}

const GIVEN = /^<!-- given\n([\s\S]*?)-->\s*$/;
const GIVEN_BELOW = /^<!-- given below\n([\s\S]*?)-->\s*$/;
const markdown = new MarkdownIt("commonmark", { html: true }).enable("table");

/** Pages for those who use Errand. */
export function userPages(): string[] {
  return ["README.md", ...filesUnder("docs", [".md"]).map((path) => `docs/${path}`)];
}

export function pageOf(path: string, text = read(path)): Page {
  const tokens = markdown.parse(text, {});
  const inline = tokens.flatMap((token) => token.children ?? []);
  return {
    path,
    blocks: blocksOf(path, tokens),
    links: inline.map((token) => String(token.attrGet("href") ?? token.attrGet("src") ?? "")).filter((link) => link !== ""),
    anchors: anchorsOf(tokens),
    inline: inline.filter(({ type }) => type === "code_inline").map(({ content }) => content),
  };
}

function blocksOf(page: string, tokens: readonly Token[]): Block[] {
  let below: Given[] = [];
  return tokens.flatMap((token, index) => {
    below = givenIn(token, GIVEN_BELOW) ?? below;
    return token.type === "fence" ? [blockOf(page, token, below, givenIn(tokens[index - 1], GIVEN) ?? [])] : [];
  });
}

function givenIn(token: Token | undefined, pattern: RegExp): Given[] | undefined {
  const code = token?.type === "html_block" ? pattern.exec(token.content)?.[1] : undefined;
  return code === undefined ? undefined : [{ code, line: (token?.map?.[0] ?? 0) + 2 }];
}

function blockOf(page: string, fence: Token, below: readonly Given[], before: readonly Given[]): Block {
  const [language = "", ...words] = fence.info.trim().match(/[^\s"]+(?:"[^"]*")?/g) ?? [];
  const marks = Object.fromEntries(words.map(markOf));
  // What is closest comes first, so that it may hold a pragma such as @jsxImportSource.
  const given = "file" in marks ? before : [...before, ...below];
  return { page, line: (fence.map as [number, number])[0] + 2, language, marks, code: fence.content, given };
}

function markOf(mark: string): [string, string] {
  const [name, ...value] = mark.split("=");
  return [name as string, value.join("=").replace(/^"|"$/g, "")];
}

function anchorsOf(tokens: readonly Token[]): string[] {
  const found: string[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.type !== "heading_open") continue;
    const words = (tokens[index + 1]?.children ?? []).map(({ content }) => content).join("");
    const anchor = words
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-");
    const same = found.filter((other) => other === anchor || other.replace(/-\d+$/, "") === anchor).length;
    found.push(same === 0 ? anchor : `${anchor}-${same}`);
  }
  return found;
}

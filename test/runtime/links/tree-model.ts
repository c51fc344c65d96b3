import fc from "fast-check";
import type { LinkKind, OnFailure } from "../../../src/core/link.ts";
import type { Run } from "../../../src/core/run.ts";
import type { State } from "../../../src/core/states.ts";
import { chain, chord, type Errand, group, isEnded, type Link, type Part } from "../../../src/index.ts";

/** A tree of linked runs, as simple as can be: what its leaves do, and how its containers take it. */
export type Tree = { readonly leaf: "works" | "breaks" } | Inner;

export interface Inner {
  readonly kind: LinkKind;
  readonly onFailure: OnFailure;
  /** Of a chord: the header, and then the body. */
  readonly parts: readonly Tree[];
}

export function leavesOf(errand: Errand) {
  return {
    works: errand.task({ name: "works", run: (input) => input }),
    breaks: errand.task({ name: "breaks", run: (_, { status }) => status.fail("It broke.") }),
  };
}

const { tree } = fc.letrec<{ tree: Tree; inner: Inner; leaf: Tree }>((tie) => ({
  leaf: fc.constantFrom<("works" | "breaks")[]>("works", "works", "works", "breaks").map((leaf) => ({ leaf })),
  inner: fc.oneof(
    fc.record({
      kind: fc.constantFrom<LinkKind[]>("chain", "group"),
      onFailure: fc.constantFrom<OnFailure[]>("stop", "continue"),
      parts: fc.array(tie("tree"), { minLength: 1, maxLength: 4 }),
    }),
    fc.record({
      kind: fc.constant<LinkKind>("chord"),
      onFailure: fc.constantFrom<OnFailure[]>("stop", "continue"),
      parts: fc.tuple(fc.array(tie("tree"), { minLength: 1, maxLength: 3 }), tie("leaf")).map(([header, body]) => [...header, body]),
    }),
  ),
  tree: fc.oneof({ maxDepth: 3, depthSize: "small" }, tie("leaf"), tie("inner")),
}));

export const trees: fc.Arbitrary<Inner> = tree.map((root) => ("leaf" in root ? { kind: "chain", onFailure: "stop", parts: [root] } : root));

export function planted(leaves: ReturnType<typeof leavesOf>, { kind, onFailure, parts }: Inner): Link {
  const made = parts.map((part): Part => ("leaf" in part ? leaves[part.leaf].with(part.leaf) : planted(leaves, part)));
  if (kind === "chord") return chord(made.slice(0, -1), made.at(-1) as never, { onFailure });
  return kind === "chain" ? (chain(made as never, { onFailure }) as unknown as Link) : group(made, { onFailure });
}

/** How a tree ends that nobody disturbs. */
export function endOf(tree: Tree): "succeeded" | "failed" {
  if ("leaf" in tree) return tree.leaf === "works" ? "succeeded" : "failed";
  if (tree.kind === "chord") {
    const header = endOf({ kind: "group", onFailure: tree.onFailure, parts: tree.parts.slice(0, -1) });
    return header === "failed" ? "failed" : endOf(tree.parts.at(-1) as Tree);
  }
  const ends = tree.parts.map(endOf);
  return (tree.onFailure === "stop" ? !ends.includes("failed") : ends.includes("succeeded")) ? "succeeded" : "failed";
}

/** Whether what is shown of a container may be true, given its children; why not, else. */
export function contradiction(container: Run, onFailure: OnFailure, children: readonly Run[], wished: boolean): string | null {
  const count = (state: State) => children.filter((child) => child.state === state).length;
  const [succeeded, failed, canceled] = [count("succeeded"), count("failed"), count("canceled")];
  if (succeeded + failed + canceled !== children.length) return "a child has not ended";
  if (!isEnded(container.state)) return "it has not ended";
  for (const child of children) if ((child.ended ?? 0) > (container.ended ?? 0)) return "a child ended after it";
  if (container.state === "succeeded") {
    if (onFailure === "stop" && failed + canceled > 0) return "it succeeded although a child did not";
    if (succeeded === 0) return "it succeeded although no child did";
  }
  if (container.state === "failed" && (failed === 0 || (onFailure === "continue" && succeeded > 0))) return "it failed without a reason";
  if (container.state === "canceled" && !wished && canceled + failed === 0) return "it was canceled without a reason";
  if (container.kind === "chain") {
    const behind = children.slice(children.findIndex(({ state }) => state !== "succeeded") + 1);
    if (onFailure === "stop" && succeeded < children.length && behind.some(({ attempt }) => attempt > 0)) return "a step began behind one that did not succeed";
  }
  if (container.state === "succeeded" && (container.completedSteps !== container.totalSteps || container.error !== null)) return "it is not whole";
  return null;
}

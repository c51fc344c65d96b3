import { ConfigurationError, NoFailedItemsError } from "../../core/errors.ts";
import type { LinkKind, NewLink } from "../../core/link.ts";
import type { Member } from "../../core/links.ts";
import type { NewRun } from "../../core/run.ts";
import type { Store } from "../../core/store.ts";
import type { TaskDefinition } from "../../core/task.ts";
import type { KeptTemplate } from "../../core/template.ts";
import { newRun } from "../delay.ts";
import type { RerunOptions } from "../errand.ts";
import { newId } from "../new-id.ts";
import { containerRow, NEVER, unfilledRow } from "./link-rows.ts";

/**
 * The rows that begin linked runs again, the container first: the same inputs, made anew where they were made of earlier results. With
 * `only: "failed"` a group of those of its children that failed or were canceled. None when there is no such container any more.
 *
 * @throws NoFailedItemsError, ConfigurationError, InvalidInputError
 */
export async function replant(
  { store, tasks }: { store: Store; tasks: ReadonlyMap<string, TaskDefinition> },
  container: string,
  { owner, only }: RerunOptions,
): Promise<NewRun[]> {
  const members = await store.links.members(container);
  const [root] = members;
  if (!root) return [];
  const children = Map.groupBy(members, ({ parent }) => parent ?? "");
  if (only === "failed") {
    const failed = root.kind === "group" ? (children.get(root.id) ?? []).filter(({ state }) => state !== "succeeded") : [];
    if (failed.length === 0) throw new NoFailedItemsError(root.id);
    children.set(root.id, failed);
  }
  const replanter = new Replanter(tasks, children, owner === undefined ? root.owner : owner);
  await replanter.add(root, { parent: null, root: null, position: 0, blocked: false });
  return replanter.rows;
}

type Place = Pick<NewRun, "parent"> & Pick<NewLink, "root" | "position" | "blocked">;

class Replanter {
  readonly rows: NewRun[] = [];
  readonly #tasks: ReadonlyMap<string, TaskDefinition>;
  /** By their container. */
  readonly #children: ReadonlyMap<string, readonly Member[]>;
  readonly #owner: string | null;
  /** New ids of containers by the old ones. */
  readonly #ids = new Map<string, string>();

  constructor(tasks: ReadonlyMap<string, TaskDefinition>, children: ReadonlyMap<string, readonly Member[]>, owner: string | null) {
    this.#tasks = tasks;
    this.#children = children;
    this.#owner = owner;
  }

  /** Returns the steps of what it has added, by their weight. */
  async add(member: Member, place: Place): Promise<number> {
    const { weight } = member;
    return weight * (member.kind === null ? await this.#step(member, place) : await this.#container(member, member.kind, place));
  }

  async #container({ id: old, name, weight, onFailure, priority }: Member, kind: LinkKind, { parent, root, position, blocked }: Place): Promise<number> {
    const id = newId();
    this.#ids.set(old, id);
    const index = this.rows.push({} as NewRun) - 1; // Its steps come from below.
    let totalSteps = 0;
    for (const [number, child] of (this.#children.get(old) ?? []).entries()) {
      totalSteps += await this.add(child, { parent: id, root: root ?? id, position: number, blocked: blocked || (kind !== "group" && number > 0) });
    }
    const link: NewLink = { kind, root, position, weight, blocked, onFailure, template: null };
    this.rows[index] = { ...containerRow(id, kind, name), owner: this.#owner, priority, totalSteps, parent, rerunOf: old, link };
    return totalSteps;
  }

  async #step(member: Member, { parent, root, position, blocked }: Place): Promise<number> {
    const { id: old, name, weight, queue, priority } = member;
    const owned = { owner: this.#owner, queue, priority };
    const task = this.#tasks.get(member.task);
    if (!task)
      throw new ConfigurationError(`Run ${old} cannot be rerun: this errand has no task "${member.task}". Define it here, or rerun where it is defined.`);
    const template = member.template === null ? null : this.#moved(member.template);
    const named = task.generateName ? {} : { name };
    const row = template === null ? await newRun(task, JSON.parse(member.input), { ...owned, ...named }) : { ...unfilledRow(task, named.name), ...owned };
    const link: NewLink = { kind: null, root, position, weight, blocked, onFailure: "stop", template };
    this.rows.push({ ...row, parent, rerunOf: old, link, ...(blocked && { runAt: NEVER }) });
    return row.totalSteps;
  }

  /** The template, made of results of the new tree. */
  #moved(template: string): string {
    const kept = JSON.parse(template) as KeptTemplate;
    return JSON.stringify({ ...kept, from: this.#ids.get(kept.from) as string } satisfies KeptTemplate);
  }
}

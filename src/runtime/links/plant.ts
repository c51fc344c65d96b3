import { ConfigurationError } from "../../core/errors.ts";
import { type Json, toJson } from "../../core/json.ts";
import type { NewLink } from "../../core/link.ts";
import type { NewRun } from "../../core/run.ts";
import type { TaskDefinition } from "../../core/task.ts";
import type { KeptTemplate } from "../../core/template.ts";
import { newRun } from "../delay.ts";
import { newId } from "../new-id.ts";
import type { Link, LinkDelayOptions, Part, Step } from "../task-api.ts";
import { containerRow, NEVER, unfilledRow } from "./link-rows.ts";

/** Deepest nesting of containers. */
const DEEPEST = 16;

interface Place {
  readonly parent: string | null;
  readonly root: string | null;
  readonly position: number;
  readonly blocked: boolean;
  readonly depth: number;
  /** Where the results are that come before it. */
  readonly earlier: Omit<KeptTemplate, "input"> | null;
}

/** What a container is told of what was planted below it. */
interface Planted {
  readonly name: string;
  /** Somebody chose the name. */
  readonly chosen: boolean;
  /** Steps, by their weight. */
  readonly steps: number;
}

/**
 * The rows that linked runs begin as, the container first. Whatever has to wait for others is blocked, and so is all that is below it.
 *
 * @throws InvalidInputError, InvalidJsonError, ConfigurationError; nothing was stored then
 */
export async function plant(tasks: ReadonlyMap<string, TaskDefinition>, link: Link, options: LinkDelayOptions): Promise<NewRun[]> {
  const planter = new Planter(tasks, options);
  await planter.container(link, { parent: null, root: null, position: 0, blocked: false, depth: 0, earlier: null });
  return planter.rows;
}

class Planter {
  readonly rows: NewRun[] = [];
  readonly #tasks: ReadonlyMap<string, TaskDefinition>;
  readonly #options: LinkDelayOptions;

  constructor(tasks: ReadonlyMap<string, TaskDefinition>, options: LinkDelayOptions) {
    this.#tasks = tasks;
    this.#options = options;
  }

  async container({ kind, parts, options }: Link, { parent, root, position, blocked, depth, earlier }: Place): Promise<Planted> {
    if (depth > DEEPEST) throw new ConfigurationError(`Linked runs are nested more than ${DEEPEST} deep.`);
    const { weight = 1, onFailure = "stop" } = options;
    const id = newId();
    const index = this.rows.push({} as NewRun) - 1; // Its name and steps come from below.
    let named: Planted | undefined;
    let totalSteps = 0;
    for (const [number, part] of parts.entries()) {
      const follows = kind !== "group" && number > 0;
      const place = { parent: id, root: root ?? id, position: number, depth: depth + 1 };
      const planted = await this.#part(part, { ...place, blocked: blocked || follows, earlier: follows ? { from: id, before: number } : earlier });
      totalSteps += planted.steps;
      if (named === undefined || (planted.chosen && !named.chosen)) named = planted;
    }
    const given = ((parent === null ? this.#options.name : undefined) ?? options.name) || undefined;
    const name = String(given ?? named?.name ?? kind).slice(0, 255);
    const link: NewLink = { kind, root, position, weight, blocked, onFailure, template: null };
    this.rows[index] = { ...containerRow(id, kind, name), ...this.#owned(), totalSteps, parent, link };
    return { name, chosen: given !== undefined || named?.chosen === true, steps: totalSteps * weight };
  }

  #part(part: Part, place: Place): Promise<Planted> {
    return "parts" in part ? this.container(part, place) : this.#step(part, place);
  }

  async #step({ task: { name: taskName }, input, isTemplate, options }: Step, { parent, root, position, blocked, earlier }: Place): Promise<Planted> {
    const task = this.#tasks.get(taskName) as TaskDefinition;
    const { weight = 1 } = options;
    if (isTemplate && earlier === null) throw new ConfigurationError(`The input of ${taskName} is made of earlier results, but nothing comes before it.`);
    const template = isTemplate && earlier !== null ? kept(taskName, input, earlier) : null;
    const given = options.name || undefined;
    const row =
      template === null
        ? await newRun(task, input, { ...this.#owned(), ...(given !== undefined && { name: given }) })
        : { ...unfilledRow(task, given), ...this.#owned() };
    const link: NewLink = { kind: null, root, position, weight, blocked, onFailure: "stop", template };
    this.rows.push({ ...row, parent, link, ...(blocked && { runAt: NEVER }) });
    return { name: row.name, chosen: given !== undefined || (template === null && task.generateName !== undefined), steps: row.totalSteps * weight };
  }

  #owned(): { owner: string | null; priority: number } {
    return { owner: this.#options.owner ?? null, priority: this.#options.priority ?? 0 };
  }
}

/** The template as JSON text, checked as an input is. @throws InvalidJsonError */
function kept(task: string, input: unknown, earlier: Omit<KeptTemplate, "input">): string {
  const text = toJson(`The input of task ${task}`, input, "Pass its id instead.");
  return JSON.stringify({ ...earlier, input: JSON.parse(text) as Json } satisfies KeptTemplate);
}

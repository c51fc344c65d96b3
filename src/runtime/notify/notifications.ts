import { NotificationRefusedError } from "../../core/errors.ts";
import type { Catalogue } from "../../core/messages.ts";
import { type Notifier, type NotifyRule, type NotifyTools, ruled } from "../../core/notify.ts";
import type { Run } from "../../core/run.ts";
import type { StopEvent } from "../../core/stops.ts";
import type { Store } from "../../core/store.ts";
import type { Log, TaskDefinition } from "../../core/task.ts";
import type { DurableListener } from "../stops/stop-listener.ts";
import { noticeOf } from "./notice.ts";
import { isHttp, type NotifySettings } from "./notify-options.ts";

/** The durable listener that decides of each end whether its owner is told, and begins the names of those that tell. */
const DECIDER = "errand.notify";
const DECIDER_TIMEOUT = 30_000;
/** A try of a channel, ms, when the channel does not say. */
const TRY_TIMEOUT = 30_000;
/** The waits between tries double from a second on: up to an hour: the last one is a little over three hours after the first. */
const MOST_TRIES = 15;

export interface NotificationParts {
  readonly settings: NotifySettings;
  readonly tasks: ReadonlyMap<string, TaskDefinition>;
  readonly catalogue: Catalogue;
  readonly log: Log;
  readonly store: () => Promise<Store>;
  readonly tools: () => Promise<NotifyTools>;
}

/**
 * Tells owners of the ends of their runs. One durable listener decides of each, once: its event is done in the same write in which those of
 * the channels begin, so that no crash decides twice or loses one, and each channel is tried on its own.
 */
export class Notifications {
  readonly listeners: readonly DurableListener[];
  readonly #parts: NotificationParts;

  constructor(parts: NotificationParts) {
    this.#parts = parts;
    const { channels, wait } = parts.settings;
    const hear = () => {};
    const decide = ({ run }: StopEvent) => this.#decide(run);
    this.listeners = [
      { name: DECIDER, hear, decide, timeout: DECIDER_TIMEOUT, delay: wait },
      ...channels.map((channel): DurableListener => {
        const { timeout = TRY_TIMEOUT } = channel;
        return { name: nameOf(channel), hear: (event) => this.#send(channel, event, timeout), timeout: timeout + 1000, tries: MOST_TRIES, isSecond: true };
      }),
    ];
  }

  /** The listeners that are to hear of it next: all channels, or none. */
  async #decide(run: Run): Promise<readonly string[]> {
    const { settings } = this.#parts;
    const { owner, ended } = run;
    if (owner === null || ended === null || run.parent !== null) return [];
    const when = await ruled(this.#ruleOf(run), run);
    if (when === "never") return [];
    if (when === "absent" && (await (await this.#parts.store()).presence.watchedAt(owner, ended, settings.wait))) return [];
    return settings.channels.map(nameOf);
  }

  /** @throws Error where another process must decide, which has the task */
  #ruleOf({ kind, task }: Run): NotifyRule {
    const { settings, tasks } = this.#parts;
    if (kind !== null) return settings.when;
    const definition = tasks.get(task);
    if (!definition)
      throw new Error(`No task is named ${JSON.stringify(task)} in this process, so it does not know whether to notify. Define all tasks in all processes.`);
    return definition.notify ?? settings.when;
  }

  async #send(channel: Notifier, { run, eventId }: StopEvent, timeout: number): Promise<void> {
    const { settings, catalogue } = this.#parts;
    const { owner } = run;
    if (owner === null) return;
    const contact = await settings.to(owner, run);
    const store = await this.#parts.store();
    if ((await store.get([run.id])).length === 0) return; // Whoever deleted it needs no word of it.
    const left = await store.listArtifacts([run.id]);
    // What a failed run leaves besides is what it says of its error.
    const artifacts = left.filter(({ name }) => run.state !== "failed" || name !== "Error").map(({ name }) => name);
    const url = this.#urlOf(run);
    const notice = (locale = contact?.locale ?? "en") => noticeOf({ run, artifacts, url, locale, catalogue });
    await channel.send({ run, owner, contact, eventId, signal: AbortSignal.timeout(timeout), notice }, await this.#parts.tools());
  }

  #urlOf(run: Run): string | null {
    const url = this.#parts.settings.url(run);
    if (url !== null && !isHttp(url))
      throw new NotificationRefusedError(`The address of run ${run.id} must be an absolute http or https address, but notify.url gave ${JSON.stringify(url)}.`);
    return url;
  }
}

function nameOf({ name }: Notifier): string {
  return `${DECIDER}.${name}`;
}

import { ConfigurationError } from "../../core/errors.ts";
import type { Catalogue } from "../../core/messages.ts";
import type { NotifyRule, NotifyTools } from "../../core/notify.ts";
import type { Store } from "../../core/store.ts";
import type { Log, TaskDefinition } from "../../core/task.ts";
import type { StopEvents } from "../stops/stop-events.ts";
import { Notifications } from "./notifications.ts";
import type { NotifySettings } from "./notify-options.ts";
import type { Presence } from "./presence.ts";
import { type PushSubscriptions, pushSubscriptions } from "./push-subscriptions.ts";

interface NotifyingParts {
  readonly settings: NotifySettings | null;
  readonly tasks: ReadonlyMap<string, TaskDefinition>;
  readonly catalogue: Catalogue;
  readonly log: Log;
  readonly store: () => Promise<Store>;
  readonly stops: StopEvents;
  readonly presence: Presence;
}

/** Begins to notify, and to note who is watching, once there is a task that asks for it: an app without one pays nothing. */
export class Notifying {
  readonly push: PushSubscriptions;
  readonly #parts: NotifyingParts;
  #isBegun = false;

  constructor(parts: NotifyingParts) {
    this.#parts = parts;
    this.push = pushSubscriptions(parts.settings?.channels ?? [], this.#tools);
    if (parts.settings && mayNotify(parts.settings.when)) this.#begin(parts.settings);
  }

  /** There is a further task. @throws ConfigurationError when it is to notify and nobody has said how */
  heed({ name, notify }: TaskDefinition): void {
    if (!notify || !mayNotify(notify) || this.#isBegun) return;
    if (!this.#parts.settings)
      throw new ConfigurationError(`Task ${name} is to notify its runs' owners, but createErrand was not told how: give it notify, with a channel.`);
    this.#begin(this.#parts.settings);
  }

  async close(): Promise<void> {
    await Promise.all((this.#parts.settings?.channels ?? []).map((channel) => channel.close?.()));
  }

  #begin(settings: NotifySettings): void {
    this.#isBegun = true;
    const { stops, presence } = this.#parts;
    const { listeners } = new Notifications({ ...this.#parts, settings, tools: this.#tools });
    for (const listener of listeners) stops.onDurable(listener);
    presence.enable();
  }

  readonly #tools = async (): Promise<NotifyTools> => {
    const store = await this.#parts.store();
    return { subscriptions: store.subscriptions, setting: (key, value) => store.setting(key, value), log: this.#parts.log };
  };
}

function mayNotify({ when }: NotifyRule): boolean {
  return when !== "never";
}

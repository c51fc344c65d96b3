import { type Duration, milliseconds } from "../../core/duration.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { type Contact, type Notifier, type NotifyOption, type NotifyRule, notifyRule } from "../../core/notify.ts";
import type { Run } from "../../core/run.ts";

export interface NotifyOptions {
  /** The ways to tell an owner, such as `emailNotifier({ … })` of `errand/notify/email`: each is tried, and tried again, on its own. */
  readonly channels: readonly Notifier[];
  /**
   * Where the owner of an ended run can be reached; null when nowhere. Asked at each try. Browsers that an owner has subscribed need no
   * contact. Owners that begin with "visitor:" are anonymous visitors.
   */
  readonly to?: (owner: string, run: Run) => Contact | null | Promise<Contact | null>;
  /** Where links lead: the absolute address at which errandWeb is mounted, such as "https://tickets.example/errand", or a run's page in the app; null for no link. */
  readonly url?: string | ((run: Run) => string | null);
  /** For tasks that do not say themselves, and for linked runs as a whole. "never" by default. */
  readonly when?: NotifyOption;
  /**
   * How long after the end it is decided whether somebody was watching: whoever comes until then has seen it. Who goes is noted up to a second later:
   * with less than 2 s, whoever left just before the end may count as still there. 3 s by default.
   */
  readonly wait?: Duration;
}

/** `NotifyOptions`, checked. */
export interface NotifySettings {
  readonly channels: readonly Notifier[];
  readonly to: NonNullable<NotifyOptions["to"]>;
  readonly url: (run: Run) => string | null;
  readonly when: NotifyRule;
  /** ms */
  readonly wait: number;
}

/** @throws ConfigurationError or RangeError for what will not do */
export function notifySettings({ channels, to = () => null, url, when = "never", wait = "3s" }: NotifyOptions): NotifySettings {
  if (!Array.isArray(channels) || channels.length === 0)
    throw new ConfigurationError("notify needs at least one channel, such as emailNotifier({ … }) of errand/notify/email.");
  const names = channels.map(({ name }) => name);
  const wrong = names.find((name, index) => typeof name !== "string" || !/^[\w.-]{1,100}$/.test(name) || names.indexOf(name) !== index);
  if (wrong !== undefined)
    throw new ConfigurationError(
      `A channel of notify is named ${JSON.stringify(wrong)}: give each a name of its own, of 1 to 100 letters, digits, dots, dashes or underscores.`,
    );
  return {
    channels,
    to,
    url: typeof url === "function" ? url : pagesBelow(url),
    when: notifyRule("notify.when", when),
    wait: milliseconds("notify.wait", wait),
  };
}

function pagesBelow(mount: string | undefined): (run: Run) => string | null {
  if (mount === undefined) return () => null;
  if (!isHttp(mount))
    throw new ConfigurationError(
      `notify.url must be the absolute address at which errandWeb is mounted, such as "https://tickets.example/errand", but is ${JSON.stringify(mount)}.`,
    );
  const base = mount.replace(/\/+$/, "");
  return ({ id }) => `${base}/runs/${id}`;
}

/** Whether it is an absolute http address: no other becomes a link. */
export function isHttp(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

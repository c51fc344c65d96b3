import { type Duration, milliseconds } from "./duration.ts";
import { ConfigurationError } from "./errors.ts";
import type { Run } from "./run.ts";
import type { SubscriptionStore } from "./subscriptions.ts";
import type { Log } from "./task.ts";

/** Whether a run's owner is told of its end: when no page of theirs was watching, in any case, or not at all. */
export type NotifyWhen = "absent" | "always" | "never";

/** The same for each run as the app decides. */
export type NotifyChoice = NotifyWhen | ((run: Run) => NotifyWhen | Promise<NotifyWhen>);

export interface NotifyRuleOptions {
  readonly when: NotifyChoice;
  /** Only of runs that ended later than this after they were started. */
  readonly longerThan?: Duration;
}

export type NotifyOption = NotifyChoice | NotifyRuleOptions;

/** `NotifyOption`, checked. */
export interface NotifyRule {
  readonly when: NotifyChoice;
  /** ms */
  readonly longerThan: number;
}

const words: readonly unknown[] = ["absent", "always", "never"];

/** Checks the option. `what` names it in errors. @throws ConfigurationError or RangeError */
export function notifyRule(what: string, option: NotifyOption): NotifyRule {
  const { when, longerThan = 0 } = typeof option === "object" && option !== null ? option : { when: option };
  if (typeof when !== "function" && !words.includes(when))
    throw new ConfigurationError(`${what} must be "absent", "always", "never" or a function that returns one of them, but is ${JSON.stringify(when)}.`);
  return { when, longerThan: milliseconds(`longerThan of ${what}`, longerThan) };
}

/** What the rule says of an ended run. Of a canceled one only a function is asked: whoever canceled it knows. @throws ConfigurationError when the function returns anything else */
export async function ruled({ when, longerThan }: NotifyRule, run: Run): Promise<NotifyWhen> {
  if ((run.ended ?? run.modified) - run.created < longerThan) return "never";
  if (typeof when !== "function") return run.state === "canceled" ? "never" : when;
  const said = await when(run);
  if (words.includes(said)) return said;
  throw new ConfigurationError(`The function "notify" of task ${run.task} must return "absent", "always" or "never", but returned ${JSON.stringify(said)}.`);
}

/** Where an owner can be reached, and in which language. What is not there is not used. */
export interface Contact {
  /** One address, such as "ada@example.org". */
  readonly email?: string;
  /** Whom the address is of; shown in the mail's head. */
  readonly name?: string;
  /** An address that takes POSTs. */
  readonly webhook?: string;
  /** "en", "de", "fr" or "es", or what the app's own messages have. "en" by default. */
  readonly locale?: string;
}

/** What an owner is told of a run that ended, in words. All of it is plain text, without control characters: channels escape it as theirs need it. */
export interface Notice {
  readonly locale: string;
  /** One line. */
  readonly subject: string;
  /** What became of it, a sentence or two. */
  readonly lines: readonly string[];
  /** Names of what the run left. */
  readonly artifacts: readonly string[];
  /** What comes before those names, and the name of the link. */
  readonly labels: { readonly artifacts: string; readonly open: string };
  /** The run's page, http or https; null when the app has not said where that is. */
  readonly url: string | null;
}

/** One notice on its way to one owner. */
export interface NotifyDelivery {
  readonly run: Run;
  readonly owner: string;
  /** Null when the app knows no way to reach them. */
  readonly contact: Contact | null;
  /** The same at each try, to tell repetitions by. */
  readonly eventId: string;
  /** Fires when the try has taken too long. */
  readonly signal: AbortSignal;
  /** The words, in the contact's language unless another is given. */
  notice(locale?: string): Notice;
}

/** What a channel may use. */
export interface NotifyTools {
  readonly subscriptions: SubscriptionStore;
  /** Keeps `value` under `key` unless there is one already; returns the one that is kept, the same in all processes. */
  setting(key: string, value: string): Promise<string>;
  readonly log: Log;
}

/** A way to tell an owner. It is tried again, later and later, until it has returned. */
export interface Notifier {
  /** Tells it from the other channels of an errand: what it has not sent yet is kept under this name. 1 to 100 characters. */
  readonly name: string;
  /** Longest time of a try, ms. 30 s by default. */
  readonly timeout?: number;
  /**
   * Sends it, or returns when there is no way to reach the owner through this channel.
   * @throws NotificationRefusedError when another try would be no use; anything else comes again
   */
  send(delivery: NotifyDelivery, tools: NotifyTools): Promise<void>;
  /** Of a channel that browsers subscribe to. */
  readonly push?: {
    /** The key that browsers are told to accept pushes of, base64url. */
    publicKey(tools: NotifyTools): Promise<string>;
    /** Whether it may be pushed to this address at all. */
    accepts(endpoint: string): boolean;
  };
  close?(): Promise<void>;
}

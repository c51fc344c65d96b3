import type { Contact, ErrandOptions, Notifier, NotifyOptions } from "../../src/index.ts";
import { keptLog, openErrand } from "../runtime/fixture.ts";

export const URL_OF_PAGES = "https://tickets.example/errand";

/** An errand that tells owners by this channel, at once and whoever watches. */
export function notifying(channel: Notifier, contact: Contact | null, options: Partial<NotifyOptions> = {}, errandOptions: ErrandOptions = {}) {
  const log = keptLog();
  const notify: NotifyOptions = { channels: [channel], to: () => contact, when: "always", wait: 0, url: URL_OF_PAGES, ...options };
  return { log, errand: openErrand({ log, notify, ...errandOptions }) };
}

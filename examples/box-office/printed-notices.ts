import type { Notifier } from "errand";

/** The demo has no addresses of its users: what would be a mail to somebody whose pages are all closed is a line on the terminal. */
export const printedNotices: Notifier = {
  name: "terminal",
  async send({ owner, notice }) {
    const { subject, artifacts } = notice();
    console.log(`To ${owner}, who was not looking: ${[subject, ...artifacts].join(", ")}`);
  },
};

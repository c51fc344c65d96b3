import type { Message } from "../core/messages.ts";

/** A request that is answered with a status and a sentence, not with an error of ours. */
export class Refusal extends Error {
  readonly status: number;
  readonly text: Message;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, text: Message, headers: Readonly<Record<string, string>> = {}) {
    super(typeof text === "string" ? text : text.key);
    this.name = "Refusal";
    this.status = status;
    this.text = text;
    this.headers = headers;
  }
}

export const notFound = () => new Refusal(404, { key: "web.not_found" });

export const wrongMethod = (method: string, allowed: string) => new Refusal(405, { key: "web.method", params: { method } }, { Allow: allowed });

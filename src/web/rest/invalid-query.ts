import type { Message } from "../../core/messages.ts";
import type { ProblemBody } from "../../core/wire.ts";
import { json } from "../respond.ts";
import type { Site } from "../site.ts";

export interface QueryFault {
  /** The parameter. */
  readonly path: string;
  readonly message: Message;
}

/** The query of a list is not valid: answered with 400 and a sentence for each parameter. */
export class InvalidQuery extends Error {
  readonly faults: readonly QueryFault[];

  constructor(faults: readonly QueryFault[]) {
    super(`Invalid query: ${faults.map(({ path }) => path).join(", ")}`);
    this.faults = faults;
  }

  answer(site: Site, request: Request): Response {
    const body: ProblemBody = {
      detail: site.text(request, { key: "rest.invalid" }),
      errors: this.faults.map(({ path, message }) => ({ path, message: site.text(request, message) })),
    };
    return json(body, 400);
  }
}

import { randomUUID } from "node:crypto";
import type { NewArtifact } from "../../core/artifact.ts";
import { InvalidInputError, InvalidJsonError, TaskCanceledError, UserError } from "../../core/errors.ts";
import { type Message, plainMessage, plainText } from "../../core/messages.ts";
import type { Run, RunError } from "../../core/run.ts";
import { statesBefore } from "../../core/states.ts";
import type { Change } from "../../core/store.ts";
import { newId } from "../new-id.ts";
import type { Attempt } from "./attempt.ts";
import type { Progress } from "./status.ts";

/** How an attempt went, before the store has its say. */
export type Outcome =
  | { readonly kind: "returned"; readonly result: string }
  | { readonly kind: "threw"; readonly error: RunError; readonly final: boolean }
  | { readonly kind: "timeout" }
  | { readonly kind: "released" }
  | { readonly kind: "lost" };

const handBack = { worker: null, lease: null, timeoutAt: null } as const;
const atOnce = { fromNow: 0 };

/** Turns what a task threw into what its user may see. `support` is the code under which the log has the rest. */
export function judgeError(thrown: unknown): Extract<Outcome, { kind: "threw" }> {
  if (thrown instanceof UserError)
    return { kind: "threw", final: true, error: { code: "user", message: userMessage(thrown), type: plainText(String(thrown.name)) } };
  if (thrown instanceof TaskCanceledError) return { kind: "threw", final: true, error: { code: "user", message: thrown.message } };
  const support = randomUUID().slice(0, 8);
  const code = thrown instanceof InvalidInputError ? "invalid_input" : thrown instanceof InvalidJsonError ? "invalid_result" : "internal";
  return { kind: "threw", final: code !== "internal", error: { code, message: { key: "run.unexpected" }, support } };
}

/** A class that extends UserError may put anything there; a text without words says nothing. */
function userMessage(thrown: UserError): Message {
  const text = plainMessage(thrown.text);
  return text === undefined || text === "" ? { key: "run.unexpected" } : text;
}

/**
 * The writes that may record an outcome, in the order to try them: each holds only if the run still is where it was, so at most one
 * does. None holds when the attempt has lost the run meanwhile.
 */
export function settling(
  attempt: Attempt,
  outcome: Outcome,
  { unwritten, totalSteps }: { unwritten: Progress; totalSteps: number },
  retryIn: number,
): Change[] {
  const { id } = attempt.run;
  const { maxAttempts, attempt: number } = attempt.run;
  const change = (states: readonly Change["guard"]["states"][number][], set: Change["patch"]["set"], add?: Change["patch"]["add"]): Change => ({
    id,
    guard: attempt.guard(states),
    patch: { set: { ...unwritten.values, ...handBack, ...set }, ...(add && { add }) },
    ...(unwritten.ledger && { ledger: unwritten.ledger }),
  });
  const canceled = () => change(statesBefore("canceled", "settle"), { state: "canceled", stateText: null, ended: atOnce });
  const retrying = (text: Message, by: "settle" | "release", add?: Change["patch"]["add"]) =>
    change(statesBefore("retrying", by), { state: "retrying", stateText: text, runAt: { fromNow: by === "release" ? 0 : retryIn } }, add);
  const failed = (error: RunError): Change => ({
    ...change(statesBefore("failed", "settle"), { state: "failed", stateText: null, error, ended: atOnce }),
    leave: errorArtifact(attempt.run, error),
  });
  const next = { attempt: number + 1, max: maxAttempts };
  const isLast = number >= maxAttempts;

  switch (outcome.kind) {
    case "returned":
      return [
        change(statesBefore("succeeded", "settle"), {
          state: "succeeded",
          stateText: null,
          result: outcome.result,
          completedSteps: totalSteps,
          ended: atOnce,
        }),
      ];
    case "threw":
      return [outcome.final || isLast ? failed(outcome.error) : retrying({ key: "run.failed_retrying", params: next }, "settle"), canceled()];
    case "timeout": {
      const limit = inWords(attempt.task?.timeout ?? 0);
      return [
        isLast
          ? failed({ code: "timeout", message: { key: "run.timeout", params: { limit } } })
          : retrying({ key: "run.timeout_retrying", params: { limit, ...next } }, "settle"),
        canceled(),
      ];
    }
    case "released":
      return [retrying({ key: "run.released" }, "release", { maxAttempts: 1 }), canceled()];
    case "lost":
      return [];
  }
}

/** What a failed run leaves for its user, so that the reason stands among the things that runs leave. */
export function errorArtifact({ id, attempt }: Pick<Run, "id" | "attempt">, { message, support }: RunError): NewArtifact {
  const text: Message = support === undefined ? message : { key: "run.unexpected_support", params: { support } };
  return { id: newId(), runId: id, attempt, name: "Error", kind: "text", text, url: null, key: null, type: null, size: null };
}

/** A span for people: "10 min", "1 h", "45 s". */
export function inWords(ms: number): string {
  if (ms >= 3_600_000 && ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  if (ms >= 60_000) return `${Math.round(ms / 60_000)} min`;
  return ms >= 1000 ? `${Math.round(ms / 1000)} s` : `${ms} ms`;
}

import type { Message } from "./messages.ts";

/** Every error that Errand throws on purpose has a `code` that never changes its meaning; see docs/errors.md. */
export abstract class ErrandError extends Error {
  abstract readonly code: string;
  override get name(): string {
    return this.constructor.name;
  }
}

/** Throw it, or a class of your own that extends it, in a task: its message is shown to the user, and the run is not tried again. */
export class UserError extends ErrandError {
  readonly code: string = "ERRAND_USER";
  /** What the user is shown: a text, or a key of the app's catalogue, rendered in the reader's language. */
  readonly text: Message;
  constructor(text?: Message, options?: { cause?: unknown }) {
    super(typeof text === "object" ? text.key : text, options);
    this.text = typeof text === "object" ? text : this.message;
  }
}

/** Throw it in `input` of an action: the answer is 403. */
export class PermissionDenied extends UserError {
  override readonly code = "ERRAND_PERMISSION_DENIED";
  constructor(message = "You do not have permission to perform this action.") {
    super(message);
  }
}

/** Throw it in `input` of an action: the answer is 404. */
export class NotFound extends UserError {
  override readonly code = "ERRAND_NOT_FOUND";
  constructor(message = "Not found.") {
    super(message);
  }
}

/** Thrown by every `status` call and by `run.result()` once the run was canceled. Let it pass: Errand ends the run. */
export class TaskCanceledError extends ErrandError {
  readonly code = "ERRAND_TASK_CANCELED";
  constructor(message = "The task was canceled.") {
    super(message);
  }
}

/** Thrown by every `status` call of an attempt that no longer holds the run: its lease was lost and someone else may be at it. */
export class LeaseLostError extends ErrandError {
  readonly code = "ERRAND_LEASE_LOST";
  constructor(runId: string, attempt: number) {
    super(`Attempt ${attempt} of run ${runId} lost its lease: another worker may hold the run now, so nothing more is written.`);
  }
}

/** The reason of `signal` when an attempt has used up its task's timeout. */
export class TaskTimeoutError extends ErrandError {
  readonly code = "ERRAND_TASK_TIMEOUT";
}

/** Thrown by `run.result()` when the run failed: its message is what the user may see. */
export class RunFailedError extends ErrandError {
  readonly code = "ERRAND_RUN_FAILED";
  readonly runId: string;
  /** Class name of the error that the task threw, if it was a UserError. */
  readonly type: string | undefined;
  constructor(runId: string, message: string, type?: string) {
    super(message);
    this.runId = runId;
    this.type = type;
  }
}

export interface InputIssue {
  /** Names of the fields on the way to the offending one, joined with "."; empty for the input as a whole. */
  readonly path: string;
  readonly message: string;
}

/** The input does not fit the task's schema. Nothing was stored. */
export class InvalidInputError extends ErrandError {
  readonly code = "ERRAND_INVALID_INPUT";
  readonly issues: readonly InputIssue[];
  constructor(task: string, issues: readonly InputIssue[]) {
    const list = issues.map((issue) => (issue.path === "" ? issue.message : `${issue.path}: ${issue.message}`)).join("; ");
    super(`The input of task ${task} is not valid: ${list}`);
    this.issues = issues;
  }
}

/** An input or a result cannot be kept as JSON, or is too long. */
export class InvalidJsonError extends ErrandError {
  readonly code = "ERRAND_INVALID_JSON";
  /** Where the offending part is, such as "lines[2].date"; empty for the whole. */
  readonly path: string;
  constructor(message: string, path: string) {
    super(message);
    this.path = path;
  }
}

/** A rerun was asked for of a run that is still under way. */
export class RunNotEndedError extends ErrandError {
  readonly code = "ERRAND_RUN_NOT_ENDED";
  constructor(runId: string, state: string) {
    super(`Run ${runId} is ${state}: it can be rerun once it has ended. Cancel it, or wait.`);
  }
}

/** A rerun of only what failed was asked for, and no item of the run's loops has. */
export class NoFailedItemsError extends ErrandError {
  readonly code = "ERRAND_NO_FAILED_ITEMS";
  constructor(runId: string) {
    super(`Run ${runId} has no failed items, so there is nothing to retry. Rerun it as a whole.`);
  }
}

/** With `requireBroker`: the broker did not take the delivery of a new run, so the run was not started. */
export class BrokerError extends ErrandError {
  readonly code = "ERRAND_BROKER";
  constructor(broker: string, options: { cause: unknown }) {
    super(
      `The broker ${broker} did not take the run, so it was not started. Try again once the broker can be reached; the cause says what it had against it.`,
      options,
    );
  }
}

/** A run was to be canceled while the transaction that it was begun in is still open. */
export class UncommittedRunError extends ErrandError {
  readonly code = "ERRAND_UNCOMMITTED_RUN";
  constructor(runId: string) {
    super(`Run ${runId} cannot be canceled yet: the transaction in which it was started is still open. Roll that back, or cancel the run after the commit.`);
  }
}

/** A part of linked runs was to be deleted, or run again, by itself. The message names the whole. */
export class LinkedRunError extends ErrandError {
  readonly code = "ERRAND_LINKED_RUN";
}

/** Throw it in a `Notifier`: what it was given cannot be delivered, now or later, so it is not tried again. */
export class NotificationRefusedError extends ErrandError {
  readonly code = "ERRAND_NOTIFICATION_REFUSED";
}

/** Something was set up wrongly: a task name used twice, a broker nobody knows, Node too old. The message says what to change. */
export class ConfigurationError extends ErrandError {
  readonly code = "ERRAND_CONFIGURATION";
}

export type StoreFailure = "not_a_database" | "newer_schema" | "read_only" | "full" | "busy" | "cannot_open" | "closed" | "conflict" | "unavailable";

/** The store could not do its work. `failure` says why; `temporary` ones are worth another try. */
export class StoreError extends ErrandError {
  readonly code = "ERRAND_STORE";
  readonly failure: StoreFailure;
  constructor(failure: StoreFailure, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.failure = failure;
  }
  get temporary(): boolean {
    return this.failure === "busy" || this.failure === "full" || this.failure === "read_only" || this.failure === "unavailable";
  }
}

/** Thrown by errand/client: the server did not do what it was asked. */
export class RequestError extends ErrandError {
  readonly code: string = "ERRAND_REQUEST";
  /** Of the answer, such as 409. */
  readonly status: number;
  /** Why, in the reader's language, if the server said so; else "". */
  readonly detail: string;
  constructor(status: number, message: string, detail = "") {
    super(message);
    this.status = status;
    this.detail = detail;
  }
}

/** Thrown by errand/client: there is no such run, or not for whoever asked; or it was deleted while it was watched. */
export class RunGoneError extends RequestError {
  override readonly code = "ERRAND_RUN_GONE";
}

/** Thrown by errand/client: whoever asked is not signed in, or may not do this with the run. */
export class AccessDeniedError extends RequestError {
  override readonly code = "ERRAND_ACCESS_DENIED";
}

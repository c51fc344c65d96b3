export { AccessDeniedError, ConfigurationError, RequestError, RunGoneError } from "../core/errors.ts";
export { type CallOptions, type Client, type ClientOptions, createClient, type ListOptions, type WatchOptions } from "./create-client.ts";
export type { ArtifactDocument, ResultOf, RunDocument } from "./run-document.ts";
export type { Connection } from "./watch-run.ts";

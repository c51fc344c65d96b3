import { parse } from "yaml";
import { read } from "./files.ts";

/** A service of compose.yaml, as far as it is looked at. */
export interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly deploy?: { readonly replicas: number };
  readonly stop_grace_period?: string;
  readonly build?: { readonly context: string; readonly dockerfile_inline: string };
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** The repo's compose.yaml, with its merges done. */
export function composeFile(): ComposeFile {
  return parse(read("compose.yaml"), { merge: true }) as ComposeFile;
}

export function serviceOf(file: ComposeFile, name: string): ComposeService {
  const service = file.services[name];
  if (!service) throw new Error(`compose.yaml has no service ${name}.`);
  return service;
}

import { UserError } from "./errors.ts";

/** Thrown for an artifact URL that is not http or https: a page would make a link of it. */
export class InvalidArtifactError extends UserError {
  override readonly code = "ERRAND_INVALID_ARTIFACT";
}

/** The URL in its canonical form. @throws InvalidArtifactError unless it is an absolute http(s) URL. */
export function artifactUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === "https:" || parsed?.protocol === "http:") return parsed.href;
  throw new InvalidArtifactError(`An artifact's URL must be an absolute http or https URL, but is ${JSON.stringify(String(url).slice(0, 200))}.`);
}

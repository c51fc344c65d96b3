import type { ArtifactBody, RunBody } from "../../core/wire.ts";

/** So long a server may be silent, ms. */
const TIMEOUT = 30_000;

/** The document at `url`; "gone" when there is none, or none for this visitor, undefined when the server did not say. */
export async function getDocument<Document>(url: string): Promise<Document | "gone" | undefined> {
  try {
    const response = await fetch(url, {
      headers: { Accept: "application/json", ...(document.hidden && { "Errand-Page": "hidden" }) },
      signal: AbortSignal.timeout(TIMEOUT),
    });
    if (response.ok) return (await response.json()) as Document;
    return response.status === 404 || response.status === 403 ? "gone" : undefined;
  } catch {
    return undefined;
  }
}

/** Asks the run to stop; resolves with its document, undefined when that was not possible. */
export async function cancelRun(run: RunBody): Promise<RunBody | undefined> {
  try {
    const response = await fetch(new URL("cancel/", run.url), {
      method: "POST",
      headers: { Accept: "application/json", "Content-Type": "application/json" },
      body: "{}",
      signal: AbortSignal.timeout(TIMEOUT),
    });
    return response.ok ? ((await response.json()) as RunBody) : undefined;
  } catch {
    return undefined;
  }
}

/** What somebody can follow or download. */
export interface RunLink {
  readonly name: string;
  readonly href: string;
  /** "download" keeps the page. */
  readonly isFile: boolean;
}

/** The first files and addresses that the run left. */
export async function linksOf({ artifacts }: RunBody, most: number): Promise<RunLink[]> {
  const found = await Promise.all(artifacts.slice(0, most).map((url) => getDocument<ArtifactBody>(url)));
  const links: RunLink[] = [];
  for (const artifact of found) {
    if (!artifact || artifact === "gone") continue;
    const { kind, name, self, url } = artifact;
    if (kind === "file") links.push({ name, href: `${self}download`, isFile: true });
    else if (kind === "url" && /^https?:/.test(url)) links.push({ name, href: url, isFile: false });
  }
  return links;
}

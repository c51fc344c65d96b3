import type { Artifact } from "../../../core/artifact.ts";
import { sizeWords } from "./formats.ts";
import type { PageContext } from "./page-context.ts";
import { pagePaths } from "./run-paths.ts";
import type { RunView } from "./run-view.ts";

interface ArtifactLinksProps {
  readonly context: PageContext;
  readonly view: RunView;
}

/** What a run left, in a line: files to download, links to follow, texts to read on the run's own page. */
export function ArtifactLinks({ context, view }: ArtifactLinksProps) {
  const shown = view.artifacts.filter((artifact) => !isFailureNote(view, artifact));
  if (shown.length === 0) return null;
  return (
    <ul class="errand-artifacts" aria-label={context.text("artifacts")}>
      {shown.map((artifact) => (
        <li data-kind={artifact.kind}>
          <ArtifactLink context={context} artifact={artifact} mayDownload={view.may.download} />
        </li>
      ))}
    </ul>
  );
}

export function ArtifactLink({ context, artifact, mayDownload }: { context: PageContext; artifact: Artifact; mayDownload: boolean }) {
  const { site, locale } = context;
  if (artifact.kind === "text") return <a href={`${pagePaths(site).run(artifact.runId)}#artifact-${artifact.id}`}>{artifact.name}</a>;
  if (artifact.kind === "url")
    return (
      <>
        <a href={artifact.url ?? ""} rel="noopener noreferrer nofollow">
          {artifact.name}
        </a>{" "}
        <span class="errand-quiet">{hostOf(artifact)}</span>
      </>
    );
  const size = artifact.size === null ? null : <span class="errand-quiet">{sizeWords(artifact.size, locale)}</span>;
  return (
    <>
      {mayDownload ? <a href={downloadPath(context, artifact)}>{artifact.name}</a> : <span>{artifact.name}</span>} {size}
    </>
  );
}

/** Where the artifact is downloaded, after a look at who asks. */
export function downloadPath({ site }: PageContext, artifact: Artifact): string {
  return `${site.paths.artifact(artifact.id)}download`;
}

/** The text that every failure leaves, which the page says already in its own place. */
export function isFailureNote({ run }: Pick<RunView, "run">, artifact: Artifact): boolean {
  return run.error !== null && artifact.kind === "text" && artifact.name === "Error" && artifact.attempt === run.attempt;
}

function hostOf({ url }: Artifact): string {
  return url !== null && URL.canParse(url) ? new URL(url).host : "";
}

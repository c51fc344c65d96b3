import type { Artifact } from "../../../core/artifact.ts";
import { ArtifactLink, downloadPath, isFailureNote } from "./artifact-links.tsx";
import type { PageContext } from "./page-context.ts";
import type { RunView } from "./run-view.ts";

/** A longer text is read better in an editor. Characters. */
const LONGEST_TEXT = 20_000;

/** Everything that a run left, texts in full. */
export function ArtifactSection({ context, view }: { readonly context: PageContext; readonly view: RunView }) {
  const shown = view.artifacts.filter((artifact) => !isFailureNote(view, artifact));
  if (shown.length === 0) return null;
  return (
    <section aria-labelledby="artifacts">
      <h2 id="artifacts">{context.text("artifacts")}</h2>
      <ul class="errand-artifacts errand-artifacts-full">
        {shown.map((artifact) => (
          <li id={`artifact-${artifact.id}`} data-kind={artifact.kind}>
            {artifact.kind === "text" ? (
              <TextArtifact context={context} artifact={artifact} mayDownload={view.may.download} />
            ) : (
              <ArtifactLink context={context} artifact={artifact} mayDownload={view.may.download} />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function TextArtifact({ context, artifact, mayDownload }: { context: PageContext; artifact: Artifact; mayDownload: boolean }) {
  const { text: words, say } = context;
  const text = say(artifact.text ?? "");
  const isLong = text.length > LONGEST_TEXT;
  return (
    <>
      <h3>{artifact.name}</h3>
      <pre class="errand-text">{isLong ? `${text.slice(0, LONGEST_TEXT).toWellFormed()}…` : text}</pre>
      {isLong ? (
        <p>
          {words("shortened")} {mayDownload ? <a href={downloadPath(context, artifact)}>{words("download_whole")}</a> : null}
        </p>
      ) : null}
    </>
  );
}

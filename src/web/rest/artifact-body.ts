import type { Artifact } from "../../core/artifact.ts";
import { iso } from "../../core/iso.ts";
import type { ArtifactBody } from "../../core/wire.ts";
import type { Site } from "../site.ts";

interface ArtifactBodyOptions {
  readonly site: Site;
  readonly request: Request;
  readonly artifact: Artifact;
  /** Whether the asker may have a download link. */
  readonly mayDownload: boolean;
}

/** The artifact document. A file's download link is made anew each time, so the asker has been looked at. */
export async function artifactBody({ site, request, artifact, mayDownload }: ArtifactBodyOptions): Promise<ArtifactBody> {
  const { origin } = site.address(request);
  const self = origin + site.paths.artifact(artifact.id);
  return {
    id: artifact.id,
    self,
    name: artifact.name,
    kind: artifact.kind,
    created: iso(artifact.created),
    modified: iso(artifact.modified),
    status: origin + site.paths.run(artifact.runId),
    file: artifact.kind === "file" && mayDownload ? `${self}download${await site.links.query(artifact.id)}` : "",
    type: artifact.type,
    size: artifact.size,
    text: artifact.text === null ? "" : site.text(request, artifact.text),
    url: artifact.url ?? "",
  };
}

import type { Site } from "../site.ts";
import { Layout } from "./layout.tsx";

interface MessagePageProps {
  readonly site: Site;
  readonly language: string;
  readonly title: string;
  readonly text: string;
  readonly note?: string | undefined;
  readonly back: string;
  readonly backText: string;
}

/** Says in a sentence what happened, and leads back. */
export function MessagePage({ site, language, title, text, note, back, backText }: MessagePageProps) {
  return (
    <Layout site={site} language={language} title={title}>
      <h1>{title}</h1>
      <p class="errand-message errand-message-error" role="alert">
        {text}
      </p>
      {note ? <p class="errand-quiet">{note}</p> : null}
      <p>
        <a href={back}>{backText}</a>
      </p>
    </Layout>
  );
}

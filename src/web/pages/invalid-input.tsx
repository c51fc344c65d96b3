import type { Message } from "../../core/messages.ts";
import type { InvalidInputBody } from "../../core/wire.ts";
import type { Site } from "../site.ts";
import { Layout } from "./layout.tsx";

interface InvalidInputPageProps {
  readonly site: Site;
  readonly language: string;
  readonly body: InvalidInputBody;
  readonly back: string;
  readonly say: (message: Message) => string;
}

/** Lists what is wrong with each field. */
export function InvalidInputPage({ site, language, body, back, say }: InvalidInputPageProps) {
  const title = say({ key: "web.error_title" });
  return (
    <Layout site={site} language={language} title={title}>
      <h1>{title}</h1>
      <p class="errand-message errand-message-error" role="alert">
        {body.message}
      </p>
      <dl class="errand-errors">
        {body.errors.map(({ path, message }) => (
          <div>
            <dt>{path === "" ? say({ key: "web.whole_input" }) : path}</dt>
            <dd>{message}</dd>
          </div>
        ))}
      </dl>
      <p>
        <a href={back}>{say({ key: "web.back" })}</a>
      </p>
    </Layout>
  );
}

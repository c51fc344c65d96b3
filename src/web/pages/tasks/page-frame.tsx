import type { Child } from "hono/jsx";
import type { FlashMessage } from "../../flash.ts";
import { Layout } from "../layout.tsx";
import type { PageContext } from "./page-context.ts";
import { PushPart } from "./push-part.tsx";
import { pagePaths } from "./run-paths.ts";

interface PageFrameProps {
  readonly context: PageContext;
  readonly title: string;
  readonly flashes?: readonly FlashMessage[];
  /** Which link of the navigation stands for this page. */
  readonly current?: "list" | "admin";
  /** Which of a run's faces the script asks for when it keeps the page true. */
  readonly view?: "card" | "detail" | "row";
  readonly children?: Child;
}

/** What the pages of tasks have around them: the way between them, the messages, and the script. */
export function PageFrame({ context, title, flashes = [], current, view, children }: PageFrameProps) {
  const { site, language, superuser, text } = context;
  const paths = pagePaths(site);
  const link = (name: "list" | "admin", key: string) => (
    <a href={paths[name]} aria-current={current === name ? "page" : undefined}>
      {text(key)}
    </a>
  );
  return (
    <Layout site={site} language={language} title={title}>
      <div class={view === "row" ? "errand-tasks errand-wide" : "errand-tasks"} data-errand-live={view && paths.live} data-errand-view={view}>
        {superuser ? (
          <nav class="errand-nav" aria-label={text("nav")}>
            {link("list", "my_tasks")}
            {link("admin", "all_tasks")}
          </nav>
        ) : null}
        <div class="errand-flashes">
          {flashes.map(({ level, text: words }) => (
            <p class={`errand-message errand-message-${level}`} role={level === "error" ? "alert" : "status"} tabindex={-1}>
              {words}
            </p>
          ))}
        </div>
        {children}
      </div>
      {view === "card" || view === "detail" ? <PushPart context={context} /> : null}
      <p class="errand-offline errand-message" role="status" data-errand-offline={text("offline")} hidden />
      <p class="errand-spoken" role="status" data-errand-spoken />
      <script type="module" src={paths.script} />
    </Layout>
  );
}

interface RefreshNoteProps {
  readonly context: PageContext;
  /** Where the page is to be had anew. */
  readonly again?: string;
}

/** Without JavaScript a page that shows something under way must be asked for again. */
export function RefreshNote({ context, again = context.here }: RefreshNoteProps) {
  return (
    <noscript>
      <p class="errand-quiet">
        {context.text("refresh_note")} <a href={again}>{context.text("refresh")}</a>
      </p>
    </noscript>
  );
}

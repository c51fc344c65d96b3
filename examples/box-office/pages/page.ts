import type { Flashes, User } from "errand/web";
import { html } from "hono/html";

export type Markup = ReturnType<typeof html>;

/** Who looks at a page, and what an ended run wants them to be told. */
export interface Visit {
  readonly user: User | null;
  readonly flashes: Flashes | null;
}

export interface Page {
  /** Of the browser's tab. */
  readonly title: string;
  /** Begins with the page's only h1. */
  readonly content: Markup;
}

const headers = {
  "Content-Type": "text/html; charset=utf-8",
  "Cache-Control": "no-store",
  Vary: "Cookie",
};

const policy = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "same-origin",
  "Content-Security-Policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
};

/** Answers with a page of the box office. Messages are shown once: the answer takes them out of the browser's cookies. */
export async function answerPage(visit: Visit, page: Page, status = 200): Promise<Response> {
  const answer = new Response(`<!doctype html>${await layout(page, visit)}`, { status, headers: { ...headers, ...policy } });
  for (const [name, value] of visit.flashes?.headers ?? []) answer.headers.append(name, value);
  return answer;
}

/** A page that is the same for everybody, so that it can be kept. */
export function publicPage(page: Page): Markup {
  return layout(page, null);
}

/** Gives an answer that somebody else made the headers of the box office's pages. */
export function secured(answer: Response): Response {
  if (answer.headers.has("Content-Security-Policy") || answer.status !== 200) return answer;
  for (const [name, value] of Object.entries(policy)) answer.headers.set(name, value);
  return answer;
}

function layout({ title, content }: Page, visit: Visit | null): Markup {
  return html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Box office</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/errand/errand.css">
<link rel="stylesheet" href="/style.css">
<script type="module" src="/errand/asynctask.js"></script>
</head>
<body>
<header class="top">
<a class="brand" href="/">Box office</a>
<nav aria-label="Tasks">
<a href="/errand/">My tasks</a>
${visit?.user?.superuser ? html`<a href="/errand/admin">All tasks</a>` : ""}
</nav>
${visit === null ? "" : visit.user ? signedIn(visit.user) : html`<p class="who">Not signed in</p>`}
</header>
<main>
${visit?.flashes?.messages.map(({ level, text }) => html`<p class="errand-message errand-message-${level}" role="${level === "error" ? "alert" : "status"}">${text}</p>`)}
${content}
</main>
<footer>A demo of Errand. Nobody here is real, and no ticket opens a door.</footer>
</body>
</html>`;
}

function signedIn({ id }: User): Markup {
  return html`<form class="who" method="post" action="/logout">
<p>Signed in as <strong>${id}</strong></p>
<button class="errand-plain" type="submit">Sign out</button>
</form>`;
}

import type { Child } from "hono/jsx";
import type { Site } from "../site.ts";

interface LayoutProps {
  readonly site: Site;
  readonly language: string;
  readonly title: string;
  /** Seconds until the page asks for itself again, where no script does. */
  readonly refresh?: number;
  /** Where the script asks how the run goes. */
  readonly checkUrl?: string;
  readonly children?: Child;
}

const rightToLeft = /^(ar|dv|fa|he|ku|ps|ug|ur|yi)\b/;

/** What all pages of ours have around them. */
export function Layout({ site, language, title, refresh, checkUrl, children }: LayoutProps) {
  return (
    <html lang={language} dir={rightToLeft.test(language) ? "rtl" : "ltr"}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        {refresh === undefined ? null : (
          <noscript>
            <meta http-equiv="refresh" content={String(refresh)} />
          </noscript>
        )}
        <title>{title}</title>
        <link rel="stylesheet" href={`${site.path}/errand.css`} />
        {checkUrl ? <script type="module" src={`${site.path}/asynctask.js`} /> : null}
      </head>
      <body>
        <main class="errand-page" data-asynctask-check={checkUrl}>
          {children}
        </main>
      </body>
    </html>
  );
}

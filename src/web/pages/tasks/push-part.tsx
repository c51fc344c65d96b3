import type { PageContext } from "./page-context.ts";

/** The button by which a reader asks to be told in this browser; the script shows it where that is possible. */
export function PushPart({ context }: { readonly context: PageContext }) {
  const { site, text } = context;
  if (!site.errand.push.isOffered) return null;
  return (
    <p class="errand-push" data-errand-push={site.path} hidden>
      <button type="button" class="errand-plain" aria-pressed="false">
        {text("push_button")}
      </button>{" "}
      <span class="errand-quiet" role="status" data-on={text("push_on")} data-denied={text("push_denied")} />
    </p>
  );
}

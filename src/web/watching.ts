import type { Site } from "./site.ts";

/** A page that asks again and again counts as watching for so long after each time, ms: ours leave 5 s in between at most. */
const ASKED = 7000;
/** What an answer and the next question take on their way, ms. */
const WAY = 2000;
/** By which a page says that nobody looks at it: `Errand-Page: hidden`. Without it, whoever asks counts as watching. */
const HEADER = "errand-page";

/** The owner has asked by a page that is looked at, and will ask again in `againIn` s. */
export function seen(site: Site, request: Request, owner: string | null, againIn = 0): void {
  const { presence } = site.errand;
  if (presence.isEnabled && !isHidden(request)) presence.seen(owner, Math.max(ASKED, 1000 * againIn + WAY));
}

/** The owner watches until the returned function is called, unless the page that asks is hidden. */
export function watches(site: Site, request: Request, owner: string | null): () => void {
  const { presence } = site.errand;
  return presence.isEnabled && !isHidden(request) ? presence.hold(owner) : () => {};
}

function isHidden(request: Request): boolean {
  return request.headers.get(HEADER) === "hidden";
}

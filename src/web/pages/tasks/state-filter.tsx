import { isEnded, type State, states } from "../../../core/states.ts";
import type { PageContext } from "./page-context.ts";
import { pagePaths, withQuery } from "./run-paths.ts";

const active = states.filter((state) => !isEnded(state));

/** What `?state=` may say: "active", or one of the states. Undefined for everything, and for what is none of these. */
export function statesOf(wish: string | null): readonly State[] | undefined {
  if (wish === "active") return active;
  return states.some((state) => state === wish) ? [wish as State] : undefined;
}

/** Links to the list of all, of those under way, and of each way to end. */
export function StateFilter({ context, current }: { readonly context: PageContext; readonly current: string | undefined }) {
  const { site, text, say } = context;
  const link = (state: string | undefined, words: string) => (
    <li>
      <a href={withQuery(pagePaths(site).list, { state })} aria-current={current === state ? "true" : undefined}>
        {words}
      </a>
    </li>
  );
  return (
    <nav aria-label={text("filter_label")}>
      <ul class="errand-filter">
        {link(undefined, text("filter.all"))}
        {link("active", text("filter.active"))}
        {states.filter(isEnded).map((state) => link(state, say({ key: `web.state.${state}` })))}
      </ul>
    </nav>
  );
}

import { states } from "../../../core/states.ts";
import type { PageContext } from "../tasks/page-context.ts";
import { pagePaths } from "../tasks/run-paths.ts";
import type { AdminWishes } from "./admin-filter.ts";

interface FilterFormProps {
  readonly context: PageContext;
  readonly wishes: AdminWishes;
}

/** A GET form, so that what was looked for can be kept as an address. */
export function FilterForm({ context, wishes }: FilterFormProps) {
  const { site, text, say } = context;
  const path = pagePaths(site).admin;
  const isFiltered = Object.values(wishes).some((wish) => wish !== undefined);
  const option = (state: string | undefined, words: string) => (
    <option value={state ?? ""} selected={wishes.state === state}>
      {words}
    </option>
  );
  return (
    <search>
      <form method="get" action={path} class="errand-search">
        <p>
          <label for="search">{text("search")}</label>
          <input id="search" type="search" name="search" value={wishes.search} maxlength={255} aria-describedby="search-hint" />
          <span id="search-hint" class="errand-quiet">
            {text("search_hint")}
          </span>
        </p>
        <p>
          <label for="state">{text("state")}</label>
          <select id="state" name="state">
            {option(undefined, text("any"))}
            {option("active", text("filter.active"))}
            {states.map((state) => option(state, say({ key: `web.state.${state}` })))}
          </select>
        </p>
        <p>
          <label for="task">{text("task")}</label>
          <input id="task" name="task" value={wishes.task} maxlength={255} autocomplete="off" />
        </p>
        <p>
          <label for="owner">{text("owner")}</label>
          <input id="owner" name="owner" value={wishes.owner} maxlength={255} autocomplete="off" />
        </p>
        <div class="errand-actions">
          <button type="submit">{text("apply")}</button>
          {isFiltered ? <a href={path}>{text("clear")}</a> : null}
        </div>
      </form>
    </search>
  );
}

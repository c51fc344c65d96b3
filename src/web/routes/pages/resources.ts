import type { SitePaths } from "../../site-paths.ts";
import type { Resource } from "../resource.ts";
import { pagesScript } from "../static-files.ts";
import { admin } from "./admin.tsx";
import { adminBulk } from "./admin-bulk.tsx";
import { askDelete } from "./ask-delete.tsx";
import { cancelByForm } from "./cancel-by-form.ts";
import { deleteByForm } from "./delete-by-form.ts";
import { live } from "./live.tsx";
import { myTasks } from "./my-tasks.tsx";
import { rerunByForm } from "./rerun-by-form.ts";
import { showRun } from "./show-run.tsx";

/** The pages for people, beside the REST API for programs: each has a path of its own, whatever the browser accepts. */
export function pageResources({ mount }: Pick<SitePaths, "mount">): readonly Resource[] {
  return [
    { path: mount || "/", methods: { GET: myTasks } },
    { path: `${mount}/runs/:id`, methods: { GET: showRun } },
    { path: `${mount}/runs/:id/cancel`, methods: { POST: cancelByForm } },
    { path: `${mount}/runs/:id/rerun`, methods: { POST: rerunByForm } },
    { path: `${mount}/runs/:id/delete`, methods: { GET: askDelete, POST: deleteByForm } },
    { path: `${mount}/live`, methods: { GET: live } },
    { path: `${mount}/admin`, methods: { GET: admin } },
    { path: `${mount}/admin/runs`, methods: { POST: adminBulk } },
    { path: `${mount}/errand-pages.js`, methods: { GET: pagesScript } },
  ];
}

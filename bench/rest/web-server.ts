import { createErrand } from "errand";
import { toNode } from "errand/node";
import { errandWeb } from "errand/web";
import { serve } from "../serve.ts";

// A web process as an app has it, whose users are known by a header, such as a proxy in front of it sets.
const [file] = process.argv.slice(2) as [string];
const errand = createErrand({ database: `file:${file}`, broker: "database", worker: false });
const web = errandWeb(errand, {
  identify: (request) => {
    const id = request.headers.get("x-user");
    return id === null ? null : { id };
  },
});

await errand.start();
serve(toNode(web.handler));

import type { SqlContext } from "./context.ts";
import { slot } from "./statements.ts";

/** See `Store.setting`. */
export async function keepSetting(context: SqlContext, key: string, value: string): Promise<string> {
  await context.write(
    "setting",
    (db) =>
      db
        .insertInto("errand_settings")
        .values({ key: slot<string>("key"), value: slot<string>("value") })
        .onConflict((conflict) => conflict.column("key").doNothing()),
    { key, value },
  );
  const [row] = await context.read("get-setting", (db) => db.selectFrom("errand_settings").select("value").where("key", "=", slot<string>("key")), { key });
  return row?.value as string;
}

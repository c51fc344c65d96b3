import { sql } from "kysely";
import type { Subscription, SubscriptionStore } from "../../core/subscriptions.ts";
import type { SqlContext } from "./context.ts";
import type { SqlDriver } from "./driver.ts";
import { slot } from "./statements.ts";

const columns = ["digest", "endpoint", "p256dh", "auth", "locale"] as const;

/** See `SubscriptionStore`. */
export class SqlSubscriptions implements SubscriptionStore {
  readonly #context: SqlContext;

  constructor(context: SqlContext) {
    this.#context = context;
  }

  async keep(owner: string, subscription: Subscription, most: number): Promise<boolean> {
    const context = this.#context;
    const { now } = context.driver;
    const keeping = context.bind(
      "keep-subscription",
      (db) =>
        db
          .insertInto("errand_subscriptions")
          .values({
            digest: slot<string>("digest"),
            owner: slot<string>("owner"),
            endpoint: slot<string>("endpoint"),
            p256dh: slot<string>("p256dh"),
            auth: slot<string>("auth"),
            locale: slot<string>("locale"),
            created: now,
          })
          .onConflict((conflict) =>
            conflict
              .column("digest")
              .doUpdateSet({
                owner: sql<string>`excluded.owner`,
                p256dh: sql<string>`excluded.p256dh`,
                auth: sql<string>`excluded.auth`,
                locale: sql<string>`excluded.locale`,
                created: now,
              })
              .where(
                sql<boolean>`errand_subscriptions.owner = excluded.owner or (errand_subscriptions.p256dh = excluded.p256dh and errand_subscriptions.auth = excluded.auth)`,
              ),
          )
          .returning("digest"),
      { ...subscription, owner },
    );
    const follow = context.bind(
      "fewer-subscriptions",
      (db) =>
        db
          .deleteFrom("errand_subscriptions")
          .where("owner", "=", slot<string>("owner"))
          .where("digest", "!=", slot<string>("digest"))
          .where("digest", "not in", newest(db).select("digest").where("digest", "!=", slot<string>("digest")).limit(slot<number>("others"))),
      { owner, digest: subscription.digest, others: most - 1 },
    );
    const [rows] = await context.driver.write([{ ...keeping, follow }]);
    if (rows instanceof Error) throw rows;
    return (rows ?? []).length > 0;
  }

  async of(owner: string): Promise<Subscription[]> {
    const rows = await this.#context.read("subscriptions", (db) => newest(db).select([...columns]), { owner });
    return rows.map((row) => ({ ...row }) as unknown as Subscription);
  }

  async remove(owner: string, digest: string): Promise<boolean> {
    const rows = await this.#context.write(
      "remove-subscription",
      (db) => db.deleteFrom("errand_subscriptions").where("owner", "=", slot<string>("owner")).where("digest", "=", slot<string>("digest")).returning("digest"),
      { owner, digest },
    );
    return rows.length > 0;
  }
}

function newest(db: SqlDriver["builder"]) {
  return db.selectFrom("errand_subscriptions").where("owner", "=", slot<string>("owner")).orderBy("created", "desc").orderBy("digest");
}

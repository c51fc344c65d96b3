import { createWriteStream } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { type Broker, createErrand, type Errand, type Log, type Store } from "errand";
import { isWrong, rightNow } from "./clock.ts";
import { Echoes } from "./echoes.ts";
import { Journal } from "./journal.ts";
import { Random } from "./random.ts";
import { readSetting, type Setting } from "./setting.ts";
import { troubled } from "./troubled-broker.ts";

/** What a process that was killed was hearing comes again so much later, and a second. */
const LISTENER_MS = 1000;

/** One process's part of an installation: its errand, and the journal of what it sees. */
export interface Member {
  readonly errand: Errand;
  readonly journal: Journal;
  readonly store: Store;
  readonly setting: Setting;
  /** To be called once the errand is closed. */
  close(): void;
}

/** @param by the process's name, which no other has had */
export async function joinInstallation(folder: string, by: string): Promise<Member> {
  const setting = readSetting(folder);
  const journal = new Journal(folder, by);
  const echoes = new Echoes(folder, by);
  const log = fileLog(join(folder, `${by}.log`));
  const store = await storeOf(setting);
  const errand = createErrand({
    database: store,
    broker: troubled(await brokerOf(setting, store, log), { random: new Random(setting.seed, "broker", by), journal, echoes }),
    storage: `file:${join(folder, "files")}`,
    lease: setting.lease,
    sweepEvery: setting.sweepEvery,
    log,
  });
  errand.observers.add({
    swept: (kind) => journal.write({ what: "swept", kind }),
    redispatched: (count) => journal.write({ what: "redispatched", count }),
  });
  const hear = (durable: boolean) => {
    errand.on(
      "userTaskStopped",
      ({ run, eventId }) => journal.write({ what: "stopped", run: run.id, durable, event: eventId, state: run.state }),
      durable ? { durable, name: "chaos", timeout: LISTENER_MS } : {},
    );
  };
  hear(true);
  hear(false);
  flushCompileCache(); // Node itself would do so at an orderly end.
  return {
    errand,
    journal,
    store,
    setting,
    close() {
      echoes.close();
      journal.close();
    },
  };
}

// Loaded when they are needed, as Errand itself does: processes are started often here.

async function storeOf({ database: address }: Setting): Promise<Store> {
  if (address.startsWith("postgres:")) return (await import("errand/stores/postgres")).postgres({ url: address, max: 5 });
  // The store's clock is that of the machine that has the file, which all its processes share; only the app's can be wrong.
  return (await import("errand/stores/sqlite")).sqlite({ file: address, ...(isWrong() && { clock: rightNow }) });
}

async function brokerOf({ broker, brokerUrl: url = "", lease }: Setting, store: Store, log: Log): Promise<Broker> {
  if (broker === "in-process") return (await import("errand/brokers/in-process")).inProcess();
  if (broker === "database") return (await import("errand/brokers/database")).database({ store });
  if (broker === "graphile-worker") return (await import("errand/brokers/graphile-worker")).graphileWorker({ url, hold: lease, log });
  return (await import("errand/brokers/bullmq")).bullmq({ url, hold: lease, log });
}

/** To find out by, when something went wrong. */
function fileLog(path: string): Log {
  const file = createWriteStream(path, { flags: "a" });
  const write = (level: string) => (fields: object, message: string) => {
    const { error, ...others } = fields as { error?: unknown };
    file.write(`${new Date(rightNow()).toISOString()} ${level} ${message} ${JSON.stringify(others)}${error === undefined ? "" : ` ${String(error)}`}\n`);
  };
  return { debug: () => undefined, info: () => undefined, warn: write("warn"), error: write("error") };
}

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BrokerName } from "./pairs.ts";
import type { Planned } from "./plan.ts";

/** What all processes of one installation know. */
export interface Setting {
  readonly seed: number;
  /** The path of an SQLite file, or the address of a PostgreSQL database. */
  readonly database: string;
  readonly broker: BrokerName;
  /** Where the broker is, when that is a server. */
  readonly brokerUrl?: string;
  /** ms */
  readonly lease: number;
  /** ms */
  readonly sweepEvery: number;
  /** How many runs a process that starts them has under way at once. */
  readonly users: number;
  /** The processes that start runs, each a part of the plan. */
  readonly starters: number;
}

const SETTING = "setting.json";
const PLAN = "plan.json";
const ALLOWANCE = "allowance";

export function writeSetting(folder: string, setting: Setting, plan: readonly Planned[]): void {
  writeFileSync(join(folder, SETTING), JSON.stringify(setting));
  writeFileSync(join(folder, PLAN), JSON.stringify(plan));
}

export function readSetting(folder: string): Setting {
  return JSON.parse(readFileSync(join(folder, SETTING), "utf8")) as Setting;
}

export function readPlan(folder: string): Planned[] {
  return JSON.parse(readFileSync(join(folder, PLAN), "utf8")) as Planned[];
}

/** Lets the starters go on as far as this place of the plan, so that there is load left for what is still to be done to them. */
export function writeAllowance(folder: string, place: number): void {
  writeFileSync(join(folder, ALLOWANCE), `${place}\n`);
}

/** Cut short while it is written, it is smaller. */
export function readAllowance(folder: string): number {
  return Number.parseInt(readFileSync(join(folder, ALLOWANCE), "utf8") || "0", 10);
}

import { groupRate } from "../linked/group.ts";
import { reading } from "../linked/reading.ts";
import type { Suite } from "../suite.ts";

/** Chains, groups and chords, on an SQLite file. */
export const linked: Suite = { name: "linked", measurements: [groupRate, reading] };

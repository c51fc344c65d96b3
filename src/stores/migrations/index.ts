import { first } from "./001-runs.ts";
import { owners } from "./002-owners.ts";
import { keys } from "./003-keys.ts";
import { ledger } from "./004-ledger.ts";
import { links } from "./005-links.ts";
import { trace } from "./006-trace.ts";
import { progress } from "./007-progress.ts";
import { openRuns } from "./008-open-runs.ts";
import { presence } from "./009-presence.ts";
import type { Migration } from "./migration.ts";

/** In order. A migration that was released is never edited: the next one mends it. */
export const migrations: readonly Migration[] = [first, owners, keys, ledger, links, trace, progress, openRuns, presence];

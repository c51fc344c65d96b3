import { across } from "../live/across.ts";
import { inProcess } from "../live/in-process.ts";
import { notModified } from "../live/not-modified.ts";
import { pollsWithStreams } from "../live/polls-with-streams.ts";
import { redirect } from "../live/redirect.ts";
import type { Suite } from "../suite.ts";

/** How soon a change is with its readers, and what it costs to hold many of them. */
export const live: Suite = { name: "live", measurements: [inProcess, across, pollsWithStreams, notModified, redirect] };

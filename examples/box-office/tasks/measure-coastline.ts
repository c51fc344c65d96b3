import { type Errand, NotFound, type Task } from "errand";
import { z } from "zod";
import { findCountry } from "../coastline/countries.ts";
import { islandsOf, middleOf } from "../coastline/islands.ts";
import { coastLength } from "../coastline/measure.ts";
import { theWorld } from "../coastline/world.ts";

const input = z.object({ country: z.string() });

export type MeasureCoastlineInput = z.input<typeof input>;

export interface MeasuredIsland {
  /** Length of its coast. */
  readonly km: number;
  /** Of its middle, degrees. */
  readonly latitude: number;
  readonly longitude: number;
}

export interface Coastline {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly name: string;
  readonly km: number;
  /** Longest coast first; none when the country has no coast. */
  readonly islands: MeasuredIsland[];
}

/** Measures the coast of a country, island by island. */
export function measureCoastlineTask(errand: Errand): Task<MeasureCoastlineInput, Coastline> {
  return errand.task({
    name: "measure_coastline",
    input,
    generateName: async ({ country }) => `Coastline: ${(await findCountry(country))?.name ?? country}`,
    retries: 2,
    async run({ country }, { status, signal }) {
      const found = await findCountry(country);
      if (!found) throw new NotFound(`The map has no country with the code ${country}.`);
      await status.setState("Looking for islands");
      const islands = await islandsOf(await theWorld(), found.numeric);
      // The run began with one step.
      if (islands.length > 1) await status.incrementTotalSteps(islands.length - 1);
      let meters = 0;
      const measured: MeasuredIsland[] = [];
      for (const [index, island] of islands.entries()) {
        await status.setState(`Island ${index + 1} of ${islands.length}`);
        const length = await coastLength(island, signal);
        const { latitude, longitude } = middleOf(island);
        meters += length;
        measured.push({ km: rounded(length / 1000, 1), latitude: rounded(latitude, 2), longitude: rounded(longitude, 2) });
        await status.incrementCompletedSteps();
      }
      measured.sort((one, other) => other.km - one.km);
      return { country: found.code, name: found.name, km: rounded(meters / 1000, 1), islands: measured };
    },
  });
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

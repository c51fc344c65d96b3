import type { Position } from "geojson";
import { feature } from "topojson-client";
import { eastward } from "./sea-coast.ts";
import type { Land, World } from "./world.ts";

/** Land with the sea around it, or as much of it as one country has. */
export interface Island {
  /** Its coast: positions are longitude and latitude, degrees. */
  readonly lines: readonly (readonly Position[])[];
}

/** Degrees. Closer to the antimeridian than the data's own steps. */
const NEAR = 1e-6;

/** The islands of a country, the mainland being one like the others; none for a country without a coast. */
export async function islandsOf({ topology, lands, coast }: World, numeric: string): Promise<Island[]> {
  const shore = await coast();
  const pieces = (lands.get(numeric) ?? []).flatMap((land) => {
    const arcs = coastOf(land, shore);
    return arcs.length === 0 ? [] : [{ lines: feature(topology, { type: "MultiLineString", arcs }).geometry.coordinates }];
  });
  return joined(pieces);
}

/** The middle of the box around an island. */
export function middleOf({ lines }: Island): { readonly latitude: number; readonly longitude: number } {
  const positions = lines.flat();
  const [first] = positions[0] as [number, number];
  let [west, east, south, north] = [0, 0, 90, -90];
  for (const [longitude, latitude] of positions as [number, number][]) {
    const away = eastward(first, longitude);
    west = Math.min(west, away);
    east = Math.max(east, away);
    south = Math.min(south, latitude);
    north = Math.max(north, latitude);
  }
  return { latitude: (south + north) / 2, longitude: eastward(0, first + (west + east) / 2) };
}

/** Whether the line from one position to the next is where the map was cut, and not a coast. */
export function isCut(one: Position, other: Position): boolean {
  return isAtCut(one) && isAtCut(other);
}

function coastOf(land: Land, shore: ReadonlySet<number>): number[][] {
  return land
    .flat()
    .filter((arc) => shore.has(arc < 0 ? ~arc : arc))
    .map((arc) => [arc]);
}

/** The antimeridian cuts some islands in two; this makes them whole again. */
function joined(pieces: readonly Island[]): Island[] {
  const islands: Island[] = [];
  const halves: { island: { lines: Position[][] }; readonly cut: Cut }[] = [];
  for (const { lines } of pieces) {
    const cut = cutOf(lines);
    const other = cut && halves.find((half) => overlap(half.cut, cut));
    if (other) other.island.lines.push(...(lines as Position[][]));
    else {
      const island = { lines: [...lines] as Position[][] };
      islands.push(island);
      if (cut) halves.push({ island, cut });
    }
  }
  return islands;
}

/** From south to north, degrees. */
type Cut = readonly [number, number];

function cutOf(lines: Island["lines"]): Cut | undefined {
  const latitudes = lines.flatMap((line) =>
    line.flatMap((position, index) => (index > 0 && isCut(line[index - 1] as Position, position) ? [line[index - 1]?.[1], position[1]] : [])),
  ) as number[];
  return latitudes.length === 0 ? undefined : [Math.min(...latitudes), Math.max(...latitudes)];
}

function overlap(one: Cut, other: Cut): boolean {
  return Math.min(one[1], other[1]) - Math.max(one[0], other[0]) > NEAR;
}

function isAtCut([longitude]: Position): boolean {
  return 180 - Math.abs(longitude as number) < NEAR;
}

import { setImmediate as breathe } from "node:timers/promises";
import type { Position } from "geojson";
import { feature, meshArcs } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";

/** Square degrees. Rings of less than that are islets which rounding has folded over, whatever way round they go. */
const SMALLEST_WATER = 0.001;
/** A few milliseconds' work. */
const AT_ONCE = 100;

interface Shore {
  /** A ring's, one after the other. */
  readonly arcs: readonly number[];
  readonly start: Position;
}

interface Water extends ReturnType<typeof box> {
  readonly ring: readonly Position[];
}

/**
 * The arcs that are a coast of the sea: those that belong to one country only, for borders are shared, except on inland waters, which the
 * data knows one of, the Caspian Sea.
 */
export async function seaCoast(topology: Topology, countries: GeometryCollection): Promise<Set<number>> {
  const shores: Shore[] = [];
  const waters: Water[] = [];
  for (const arcs of meshArcs(topology, countries, (one, other) => one === other).arcs) {
    const line = feature(topology, { type: "LineString", arcs }).geometry.coordinates;
    if (isWater(line)) waters.push({ ring: line, ...box(line) });
    else shores.push({ arcs, start: line[0] as Position });
    if (shores.length % AT_ONCE === 0) await breathe();
  }
  // Without the islands in those waters.
  const onSea = shores.filter(({ start }) => !waters.some((water) => isIn(water, start)));
  return new Set(onSea.flatMap(({ arcs }) => arcs.map((arc) => (arc < 0 ? ~arc : arc))));
}

/** Whether a shore has its land outside: land lies to the right of every shore, so such a ring goes counterclockwise. */
function isWater(ring: readonly Position[]): boolean {
  let area = 0;
  const [startX, startY] = ring[0] as [number, number];
  let [x, y, away] = [startX, startY, 0];
  for (const [nextX, nextY] of ring as [number, number][]) {
    const step = eastward(x, nextX);
    area += (away + step / 2) * (nextY - y);
    away += step;
    [x, y] = [nextX, nextY];
  }
  // One that goes round a pole comes back a whole turn away.
  const isClosed = Math.abs(away) < 1 && y === startY;
  return isClosed && area > SMALLEST_WATER;
}

/** Whether a point is in a water, one that does not cross the antimeridian. */
function isIn({ ring, west, east, south, north }: Water, point: Position): boolean {
  const [x, y] = point as [number, number];
  if (x < west || x > east || y < south || y > north) return false;
  let isInside = false;
  let [x1, y1] = ring.at(-1) as [number, number];
  for (const [x2, y2] of ring as [number, number][]) {
    if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) isInside = !isInside;
    [x1, y1] = [x2, y2];
  }
  return isInside;
}

function box(ring: readonly Position[]) {
  let [west, east, south, north] = [180, -180, 90, -90];
  for (const [x, y] of ring as [number, number][]) [west, east, south, north] = [Math.min(west, x), Math.max(east, x), Math.min(south, y), Math.max(north, y)];
  return { west, east, south, north };
}

/** Degrees from one longitude to another, the short way round. */
export function eastward(from: number, to: number): number {
  const step = to - from;
  return step > 180 ? step - 360 : step < -180 ? step + 360 : step;
}

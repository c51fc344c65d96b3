import { setImmediate as breathe } from "node:timers/promises";
import geographiclib from "geographiclib-geodesic";
import type { Position } from "geojson";
import { type Island, isCut } from "./islands.ts";

const { Geodesic } = geographiclib;
/** A few milliseconds' work. */
const AT_ONCE = 1000;

/** The length of an island's coast on the WGS84 ellipsoid, m. The event loop goes on meanwhile. @throws the signal's reason */
export async function coastLength({ lines }: Island, signal?: AbortSignal): Promise<number> {
  let length = 0;
  let steps = 0;
  for (const line of lines) {
    for (let index = 1; index < line.length; index++) {
      length += distance(line[index - 1] as Position, line[index] as Position);
      if (++steps % AT_ONCE === 0) await breathe(undefined, { signal });
    }
  }
  return length;
}

/** m */
function distance(one: Position, other: Position): number {
  if (isCut(one, other)) return 0;
  const [longitude, latitude] = one as [number, number];
  const [nextLongitude, nextLatitude] = other as [number, number];
  return Geodesic.WGS84.Inverse(latitude, longitude, nextLatitude, nextLongitude, Geodesic.DISTANCE).s12 as number;
}

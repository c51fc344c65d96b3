import type { Position } from "geojson";
import { feature } from "topojson-client";
import { findCountry } from "./countries.ts";
import { type Island, isCut, islandsOf } from "./islands.ts";
import { eastward } from "./sea-coast.ts";
import { type Land, theWorld } from "./world.ts";

/** A country to be drawn: paths of an SVG of this size. */
export interface Outline {
  readonly width: number;
  readonly height: number;
  readonly land: string;
  readonly coast: string;
}

/** Longer side of the drawing. */
const SIDE = 640;
/** How much larger than the largest island alone the drawing may become by taking in others: what lies beyond an ocean is left out. */
const REACH = 2;

const known = new Map<string, Promise<Outline | undefined>>();

/** How the country of an alpha-2 code looks; undefined when it has no coast, or goes round a pole. */
export function outlineOf(code: string): Promise<Outline | undefined> {
  const outline = known.get(code) ?? draw(code);
  known.set(code, outline);
  return outline;
}

async function draw(code: string): Promise<Outline | undefined> {
  const country = await findCountry(code);
  const world = await theWorld();
  const islands = country ? await islandsOf(world, country.numeric) : [];
  if (!country || islands.length === 0) return undefined;
  const { topology, lands } = world;
  const rings = (lands.get(country.numeric) ?? []).flatMap(
    (land: Land) => feature(topology, { type: "MultiLineString", arcs: land as number[][] }).geometry.coordinates,
  );
  const view = viewOf(islands);
  if (view.east - view.west > 300) return undefined;
  return {
    width: view.width,
    height: view.height,
    land: pathOf(rings, view, "Z"),
    coast: pathOf(islands.flatMap(uncut), view, ""),
  };
}

interface Box {
  /** Degrees east of `from`. */
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

interface View extends Box {
  /** The longitude that the others are counted from, so that the antimeridian cuts nothing. */
  readonly from: number;
  readonly width: number;
  readonly height: number;
}

/** The largest island, and the others as far as they are near. */
function viewOf(islands: readonly Island[]): View {
  const bySize = islands.toSorted((one, other) => size(other) - size(one));
  const from = bySize[0]?.lines[0]?.[0]?.[0] as number;
  const [first, ...others] = bySize.map((island) => boxOf(island, from)) as [Box, ...Box[]];
  const reach = span(first) * REACH;
  const box = others.reduce((whole, next) => (span(both(whole, next)) <= reach ? both(whole, next) : whole), first);
  const squeeze = Math.cos((((box.south + box.north) / 2) * Math.PI) / 180);
  const [across, up] = [(box.east - box.west) * squeeze, box.north - box.south];
  const scale = SIDE / Math.max(across, up);
  return { ...box, from, width: Math.ceil(across * scale), height: Math.ceil(up * scale) };
}

function pathOf(lines: readonly (readonly Position[])[], view: View, end: string): string {
  const { from, west, east, south, north, width, height } = view;
  const drawn = lines.map((line) => {
    const points = line.map((position): Point => {
      const [longitude, latitude] = position as [number, number];
      const x = Math.round(((eastward(from, longitude) - west) / (east - west)) * width);
      return [x, Math.round(((north - latitude) / (north - south)) * height)];
    });
    return points.some(([x, y]) => x >= 0 && x <= width && y >= 0 && y <= height) ? strokes(points) + end : "";
  });
  return drawn.join("");
}

type Point = readonly [x: number, y: number];

/** From the first point on, each from the one before it; those that fall together are one. */
function strokes([first, ...others]: readonly Point[]): string {
  let [x, y] = first as Point;
  const steps: string[] = [];
  for (const [nextX, nextY] of others) {
    if (nextX === x && nextY === y) continue;
    steps.push(`${nextX - x} ${nextY - y}`);
    [x, y] = [nextX, nextY];
  }
  return `M${(first as Point).join(" ")}l${steps.join(" ") || "0 0"}`;
}

/** A coast's lines, interrupted where the map was cut. */
function uncut({ lines }: Island): Position[][] {
  return lines.flatMap((line) => {
    const parts: Position[][] = [[]];
    for (const [index, position] of line.entries()) {
      if (index > 0 && isCut(line[index - 1] as Position, position)) parts.push([]);
      parts.at(-1)?.push(position);
    }
    return parts.filter((part) => part.length > 1);
  });
}

function boxOf({ lines }: Island, from: number): Box {
  let [west, east, south, north] = [360, -360, 90, -90];
  for (const [longitude, latitude] of lines.flat() as [number, number][]) {
    const x = eastward(from, longitude);
    [west, east, south, north] = [Math.min(west, x), Math.max(east, x), Math.min(south, latitude), Math.max(north, latitude)];
  }
  return { west, east, south, north };
}

function both(one: Box, other: Box): Box {
  return {
    west: Math.min(one.west, other.west),
    east: Math.max(one.east, other.east),
    south: Math.min(one.south, other.south),
    north: Math.max(one.north, other.north),
  };
}

function span({ west, east, south, north }: Box): number {
  return Math.max(east - west, north - south);
}

function size({ lines }: Island): number {
  return lines.reduce((sum, line) => sum + line.length, 0);
}

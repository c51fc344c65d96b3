import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { GeometryCollection, MultiPolygon, Polygon, Topology } from "topojson-specification";
import { seaCoast } from "./sea-coast.ts";

/** A piece of land: its outline and the holes in it, each a list of arcs; an arc that is run through backwards is `~index`. */
export type Land = readonly (readonly number[])[];

export interface World {
  readonly topology: Topology;
  /** The pieces of land of a country, by its ISO 3166-1 numeric code. */
  readonly lands: ReadonlyMap<string, readonly Land[]>;
  /** The arcs that are a coast of the sea, looked for at the first call. */
  coast(): Promise<ReadonlySet<number>>;
}

type Countries = GeometryCollection & { readonly geometries: readonly (Polygon | MultiPolygon)[] };

const require = createRequire(import.meta.url);
let world: Promise<World> | undefined;

/** The countries of the world as Natural Earth draws them for maps of 1:10 million, read at the first call. */
export function theWorld(): Promise<World> {
  return (world ??= readWorld());
}

async function readWorld(): Promise<World> {
  const topology = JSON.parse(await readFile(require.resolve("world-atlas/countries-10m.json"), "utf8")) as Topology<{ countries: Countries }>;
  const { countries } = topology.objects;
  const lands = new Map<string, Land[]>();
  for (const geometry of countries.geometries) {
    // Some disputed lands have no code; what borders on them is no coast all the same.
    if (geometry.id === undefined) continue;
    const id = String(geometry.id);
    lands.set(id, [...(lands.get(id) ?? []), ...(geometry.type === "Polygon" ? [geometry.arcs] : geometry.arcs)]);
  }
  let coast: Promise<ReadonlySet<number>> | undefined;
  return { topology, lands, coast: () => (coast ??= seaCoast(topology, countries)) };
}

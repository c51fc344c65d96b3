import { feature, merge } from "topojson-client";
import { expect, test } from "vitest";
import { allCountries, findCountry } from "../../examples/box-office/coastline/countries.ts";
import { type Island, islandsOf } from "../../examples/box-office/coastline/islands.ts";
import { coastLength } from "../../examples/box-office/coastline/measure.ts";
import { outlineOf } from "../../examples/box-office/coastline/outline.ts";
import { theWorld } from "../../examples/box-office/coastline/world.ts";

const world = await theWorld();

async function islands(code: string): Promise<Island[]> {
  return islandsOf(world, (await findCountry(code))?.numeric as string);
}

/** km */
async function coastOf(code: string): Promise<number> {
  let sum = 0;
  for (const island of await islands(code)) sum += await coastLength(island);
  return sum / 1000;
}

/** On a ball of the earth's mean radius: no ellipsoid, no arcs. km */
function lengthOnABall(ring: readonly [number, number][]): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  return ring.slice(1).reduce((sum, [longitude, latitude], index) => {
    const [before, south] = ring[index] as [number, number];
    const [up, across] = [Math.sin(radians(latitude - south) / 2), Math.sin(radians(longitude - before) / 2)];
    const half = up ** 2 + Math.cos(radians(latitude)) * Math.cos(radians(south)) * across ** 2;
    return sum + 2 * 6371.0088 * Math.asin(Math.sqrt(half));
  }, 0);
}

test.each([
  [
    "a degree of the equator",
    [
      [0, 0],
      [1, 0],
    ],
    111_319.4908,
  ],
  [
    "the same across the antimeridian",
    [
      [179.5, 0],
      [-179.5, 0],
    ],
    111_319.4908,
  ],
  [
    "from the equator to the pole",
    [
      [7, 0],
      [7, 90],
    ],
    10_001_965.7293,
  ],
  [
    "there and back",
    [
      [0, 0],
      [1, 0],
      [0, 0],
    ],
    222_638.9816,
  ],
  [
    "where the map was cut",
    [
      [180, 65],
      [-180, 69],
    ],
    0,
  ],
])("%s is as long as on WGS84", async (_, line, meters) => {
  expect(await coastLength({ lines: [line] })).toBeCloseTo(meters, 3);
});

test.each(["NR", "BB", "LC", "MS"])("the one island of %s is as long as its outline on a ball, but for the earth's being none", async (code) => {
  expect(await islands(code)).toHaveLength(1);
  const [land] = world.lands.get((await findCountry(code))?.numeric as string) as [number[][]];
  const [outline] = feature(world.topology, { type: "Polygon", arcs: land }).geometry.coordinates as [[number, number][]];
  const onABall = lengthOnABall(outline);
  const km = await coastOf(code);
  expect(Math.abs(km / onABall - 1)).toBeLessThan(0.006);
  expect(km).not.toBe(onABall);
});

// Published lengths differ widely, by how fine a map was measured: these tell a mistake of units or of arcs, and no more.
test.each([
  ["GB", 12_429],
  ["IS", 4970],
  ["LK", 1340],
  ["MG", 4828],
  ["NZ", 15_134],
  ["NO", 25_148],
  ["CU", 3735],
])("the coast of %s is of the published order, %i km", async (code, published) => {
  const km = await coastOf(code);
  expect(km / published).toBeGreaterThan(0.6);
  expect(km / published).toBeLessThan(1.6);
});

test("exactly the landlocked countries have no coast, those on the Caspian Sea too", async () => {
  const without: string[] = [];
  for (const { code } of await allCountries()) if ((await islands(code)).length === 0) without.push(code);
  const landlocked = "AD AF AM AT AZ BF BI BO BT BW BY CF CH CZ ET HU KG KZ LA LI LS LU MD MK ML MN MW NE NP PY RS RW SK SM SS SZ TD TJ TM UG UZ VA ZM ZW";
  expect(without.sort()).toEqual(landlocked.split(" "));
});

test("what the antimeridian cuts is one island: Chukotka belongs to the mainland, Wrangel Island is whole", async () => {
  const russia = await islands("RU");
  const longitudes = (island: Island) => island.lines.flat().map(([longitude]) => longitude as number);
  const mainland = russia.find((island) => longitudes(island).some((longitude) => longitude > 130 && longitude < 132)) as Island;
  expect(longitudes(mainland).some((longitude) => longitude > -175 && longitude < -170)).toBe(true);
  const wrangel = russia.filter(({ lines }) =>
    lines.flat().some(([longitude, latitude]) => Math.abs(longitude as number) > 178 && (latitude as number) > 70.5),
  );
  expect(wrangel).toHaveLength(1);
  const km = (await coastLength(wrangel[0] as Island)) / 1000;
  expect(km).toBeGreaterThan(300);
  expect(km).toBeLessThan(500);
});

test("a border is no coast: what two countries have of the island of Ireland makes its whole outline", async () => {
  const isOnIreland = ({ lines }: Island) =>
    lines.flat().every(([longitude, latitude]) => (longitude as number) < -5.4 && (latitude as number) > 51.4 && (latitude as number) < 55.5);
  const largest = async (code: string) =>
    (await Promise.all((await islands(code)).filter(isOnIreland).map((island) => coastLength(island)))).toSorted((one, other) => other - one)[0] as number;
  const lands = ["372", "826"].flatMap((numeric) => (world.lands.get(numeric) as number[][][]).map((arcs) => ({ type: "Polygon" as const, arcs })));
  const outlines = merge(world.topology, lands).coordinates.map(([ring]) => ring as [number, number][]);
  const ireland = outlines.find(
    (ring) => ring.some(([, latitude]) => latitude < 52) && ring.some(([, latitude]) => latitude > 55) && ring.every(([longitude]) => longitude < -5.4),
  );
  expect(((await largest("IE")) + (await largest("GB"))) / 1000 / lengthOnABall(ireland as [number, number][])).toBeCloseTo(1, 2);
});

test("others get their turn while a long coast is measured", async () => {
  let turns = 0;
  let isOver = false;
  const turn = () => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await coastOf("CA");
  isOver = true;
  expect(turns).toBeGreaterThan(30);
});

test("measuring stops when it is told to", async () => {
  const stop = new AbortController();
  const [largest] = (await islands("CA")).toSorted((one, other) => other.lines.flat().length - one.lines.flat().length) as [Island];
  const measuring = coastLength(largest, stop.signal);
  stop.abort(new Error("Enough."));
  await expect(measuring).rejects.toThrow();
});

test("a country is drawn within its frame; one that goes round the pole, or has no coast, is not", async () => {
  const outline = await outlineOf("NZ");
  expect(Math.max(outline?.width ?? 0, outline?.height ?? 0)).toBe(640);
  expect(outline?.coast).toMatch(/^M-?\d+ -?\d+l/);
  expect(await outlineOf("AQ")).toBeUndefined();
  expect(await outlineOf("CH")).toBeUndefined();
});

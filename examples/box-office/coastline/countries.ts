import isoCountries from "i18n-iso-countries/index.js";
import { theWorld } from "./world.ts";

export interface Country {
  /** ISO 3166-1 alpha-2, such as "NO". */
  readonly code: string;
  /** ISO 3166-1 numeric, such as "578": what the map knows countries by. */
  readonly numeric: string;
  /** In English. */
  readonly name: string;
}

const names = new Intl.DisplayNames("en", { type: "region" });

/** The country of a code such as "NO" or "no"; undefined when there is none, or when the map draws it as a part of another. */
export async function findCountry(code: string): Promise<Country | undefined> {
  if (!/^[a-z]{2}$/i.test(code)) return undefined;
  const upper = code.toUpperCase();
  const numeric = isoCountries.alpha2ToNumeric(upper);
  return numeric !== undefined && (await theWorld()).lands.has(numeric) ? { code: upper, numeric, name: names.of(upper) ?? upper } : undefined;
}

let all: Promise<readonly Country[]> | undefined;

/** All that the map has, by name. */
export function allCountries(): Promise<readonly Country[]> {
  return (all ??= listCountries());
}

async function listCountries(): Promise<readonly Country[]> {
  const found = await Promise.all(Object.keys(isoCountries.getAlpha2Codes()).map(findCountry));
  const { compare } = new Intl.Collator("en");
  return found.filter((country) => country !== undefined).sort((one, other) => compare(one.name, other.name));
}

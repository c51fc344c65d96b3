const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The day that was asked for last, since 1970, and how its times begin: "2026-05-03T". Most times of a list or a poll are of one day. */
let day = Number.NaN;
let beginning = "";

/** A time in ms since 1970 as ISO 8601 in UTC, as Date writes it; Date takes several times as long. @throws RangeError for what is no time */
export function iso(time: number): string {
  const ms = Math.trunc(time);
  const asked = Math.floor(ms / DAY);
  if (asked !== day) {
    beginning = new Date(ms).toISOString().slice(0, -"12:00:00.000Z".length);
    day = asked;
  }
  const past = ms - asked * DAY;
  const second = past % MINUTE;
  return `${beginning}${two(Math.floor(past / HOUR))}:${two(Math.floor((past % HOUR) / MINUTE))}:${two(Math.floor(second / SECOND))}.${three(second % SECOND)}Z`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function three(value: number): string {
  return value < 100 ? `0${two(value)}` : String(value);
}

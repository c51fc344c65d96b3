import { readdir } from "node:fs/promises";
import { type Course, readCourse } from "./course.ts";

/** Every course that has a folder beside this file, by its number. */
export async function allCourses(): Promise<Course[]> {
  const names = await readdir(new URL(".", import.meta.url));
  const ids = names.filter((name) => /^[1-9]\d{0,8}$/.test(name)).map(Number);
  return Promise.all(ids.sort((one, other) => one - other).map(readCourse));
}

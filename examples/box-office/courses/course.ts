import { readdir, readFile } from "node:fs/promises";
import { NotFound } from "errand";

export interface Course {
  readonly id: number;
  readonly title: string;
  readonly summary: string;
  readonly sections: readonly Section[];
}

export interface Section {
  /** Name of its file without the ending, such as "01-the-room". */
  readonly slug: string;
  readonly title: string;
  /** The whole of its file, from its heading on. */
  readonly markdown: string;
}

/** A course of the folder beside this file. @throws NotFound */
export async function readCourse(id: number): Promise<Course> {
  const folder = new URL(`${id}/`, import.meta.url);
  const about = Number.isSafeInteger(id) && id > 0 ? await readFile(new URL("course.json", folder), "utf8").catch(noSuchFile) : null;
  if (about === null) throw new NotFound("There is no such course.");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".md")).sort();
  const sections = await Promise.all(names.map(async (name) => sectionOf(name, await readFile(new URL(name, folder), "utf8"))));
  const { title, summary } = JSON.parse(about) as Pick<Course, "title" | "summary">;
  return { id, title, summary, sections };
}

function sectionOf(name: string, markdown: string): Section {
  const slug = name.replace(/\.md$/, "");
  return { slug, title: /^# +(.+)$/m.exec(markdown)?.[1]?.trim() ?? slug, markdown };
}

function noSuchFile(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}

import { usage } from "../../../src/cli/usage.ts";
import { read } from "../files.ts";
import type { Page } from "./markdown.ts";

const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
/** What npm itself knows, of what pages use. */
const npmCommands = new Set(["ci", "init", "install", "pack", "pkg", "test"]);

/** What is wrong with the commands that a page tells, in blocks of shell and in its sentences. */
export function callFaults({ path, blocks, inline }: Page): string[] {
  const shells = blocks.filter(({ language }) => language === "sh").flatMap(({ code }) => code.split("\n").map((line) => line.replace(/(^|\s)#.*$/, "")));
  const units = blocks.filter(({ language }) => language === "ini").flatMap(({ code }) => code.split("\n").filter((line) => line.startsWith("ExecStart=")));
  return [...shells, ...units, ...inline].flatMap((text) => [...npmFaults(text), ...errandFaults(text)].map((fault) => `${path}: ${fault}`));
}

function npmFaults(text: string): string[] {
  return [...text.matchAll(/(?<![\w/.-])npm ([a-z]+)(?: --silent)?(?: ([\w:-]+))?/g)].flatMap(([, command = "", name]) => {
    if (command !== "run") return npmCommands.has(command) ? [] : [`"npm ${command}" is nothing that npm does`];
    return name === undefined || Object.hasOwn(scripts, name) ? [] : [`"npm run ${name}" is no script`];
  });
}

function errandFaults(text: string): string[] {
  const told = text.replace(/\bnpm (install|pkg)[^&;|]*/g, "");
  return [...told.matchAll(/(?:^|[\s/`])errand ([a-z]+)\b([^|&;`]*)/g)].flatMap(([, command, rest = ""]) => {
    const [, own] = new RegExp(`^  errand ${command} (.*\\n(?:    .*\\n)*)`, "m").exec(usage) ?? [];
    if (own === undefined) return [`"errand ${command}" is no command`];
    const options = [...rest.matchAll(/(?<!\S)--[a-z-]+/g)].map(([option]) => option);
    return options.filter((option) => option !== "--json" && !own.includes(`${option} `)).map((option) => `"errand ${command}" has no option ${option}`);
  });
}

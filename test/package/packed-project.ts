import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { repo } from "../repo/files.ts";
import { importsOf } from "../repo/imports.ts";
import { tempDir } from "../support/temp.ts";
import { closureOf, versionOf } from "./dependencies.ts";

export interface PackedFile {
  readonly path: string;
  /** bytes */
  readonly size: number;
}

export interface Said {
  readonly status: number;
  /** What it printed, stdout first. */
  readonly text: string;
}

/** An empty project of somebody's who has installed the package as npm would publish it, and nothing else but TypeScript's types of Node. */
export class PackedProject {
  readonly folder: string;
  readonly files: readonly PackedFile[];
  readonly manifest: Readonly<{ version: string; exports: Record<string, string>; peerDependencies: Record<string, string> }>;

  private constructor(folder: string, files: readonly PackedFile[]) {
    this.folder = folder;
    this.files = files;
    this.manifest = JSON.parse(this.#shipped("package.json"));
  }

  /** Needs no network: what the package depends on is copied from this repo's own installation, where the versions are the exact ones that it asks for. */
  static async install(): Promise<PackedProject> {
    const [away, folder] = [tempDir(), tempDir()];
    const packed = await run("npm", ["pack", "--json", "--ignore-scripts", "--no-update-notifier", "--pack-destination", away], repo);
    if (packed.status !== 0) throw new Error(packed.text);
    const [{ filename, files }] = JSON.parse(packed.stdout) as [{ filename: string; files: PackedFile[] }];
    const types = "@types/node";
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "app", private: true, type: "module", devDependencies: { [types]: versionOf(types) } }));
    for (const name of [...closureOf(["errand"]), types, ...closureOf([types])]) {
      cpSync(join(repo, "node_modules", name), join(folder, "node_modules", name), { recursive: true });
      linkCommands(folder, name);
    }
    const args = ["install", "--offline", "--ignore-scripts", "--no-update-notifier", "--no-audit", "--no-fund", join(away, filename)];
    const installed = await run("npm", args, folder);
    if (installed.status !== 0) throw new Error(installed.text);
    return new PackedProject(folder, files);
  }

  /** The specifiers that apps may import, without the manifest. */
  get specifiers(): string[] {
    return Object.keys(this.manifest.exports).flatMap((name) => (name === "./package.json" ? [] : name.replace(/^\./, "errand")));
  }

  /** Adds every optional peer, as it is installed in this repo, with its types. */
  addPeers(): void {
    for (const name of Object.keys(this.manifest.peerDependencies)) {
      for (const each of [name, `@types/${name}`]) if (existsSync(join(repo, "node_modules", each))) this.#link(each);
    }
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** Runs Node with these arguments in the project. */
  node(...args: readonly string[]): Promise<Said> {
    return run(process.execPath, args, this.folder);
  }

  /** Checks files of the project as strictly as can be, the declarations that they import too. Returns what is wrong, a line each. */
  async typeFaults(resolution: "nodenext" | "bundler", files: readonly string[]): Promise<string[]> {
    const config = `tsconfig.${resolution}.json`;
    const module = resolution === "nodenext" ? "nodenext" : "esnext";
    const strictly = { strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true };
    this.write(config, JSON.stringify({ compilerOptions: { ...strictly, target: "es2022", module, moduleResolution: resolution, types: ["node"] }, files }));
    const { status, text } = await this.node(join(repo, "node_modules/typescript/bin/tsc"), "-p", config, "--pretty", "false");
    const faults = text.split("\n").filter((line) => /error TS\d+/.test(line));
    if (status !== 0 && faults.length === 0) throw new Error(text);
    return faults;
  }

  /** The optional peers that an exported module, or its declarations, must have to be loaded. Dynamic imports may fail later. */
  peersOf(specifier: string, ending: ".js" | ".d.ts"): string[] {
    const target = this.manifest.exports[specifier.replace(/^errand/, ".")] as string;
    const seen = new Set<string>();
    const peers = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const { source, kind } of importsOf(file, this.#shipped(file))) {
        if (source === null || kind === "url" || (ending === ".js" && kind === "dynamic")) continue;
        if (source.startsWith(".")) visit(join(dirname(file), source).replace(/\.(js|tsx?)$/, ending));
        else peers.add(source.split("/", source.startsWith("@") ? 2 : 1).join("/"));
      }
    };
    visit(target.replace(/\.js$/, ending));
    return Object.keys(this.manifest.peerDependencies).filter((name) => peers.has(name));
  }

  #shipped(file: string): string {
    return readFileSync(join(this.folder, "node_modules/errand", file), "utf8");
  }

  #link(name: string): void {
    const path = join(this.folder, "node_modules", name);
    if (existsSync(path)) return;
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(repo, "node_modules", name), path, "junction");
  }
}

/** As npm links them: a package without its commands is installed anew, from the network. */
function linkCommands(folder: string, name: string): void {
  const { bin = {} } = JSON.parse(readFileSync(join(folder, "node_modules", name, "package.json"), "utf8")) as { bin?: string | Record<string, string> };
  const commands = typeof bin === "string" ? { [basename(name)]: bin } : bin;
  const links = join(folder, "node_modules", ".bin");
  for (const [command, file] of Object.entries(commands)) {
    mkdirSync(links, { recursive: true });
    symlinkSync(join("..", name, file), join(links, command));
  }
}

/** What npm tells the scripts that it runs must not reach another project's npm. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const told = /^(npm_|INIT_CWD$|ERRAND_|NODE_OPTIONS$|VITEST)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !told.test(name)));
}

async function run(program: string, args: readonly string[], cwd: string): Promise<Said & { readonly stdout: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, { cwd, env: plainEnvironment(), maxBuffer: 2 ** 26 });
    return { status: 0, text: stdout + stderr, stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: unknown; stdout?: string; stderr?: string };
    if (typeof code !== "number") throw error;
    return { status: code, text: `${stdout}${stderr}`, stdout: stdout ?? "" };
  }
}

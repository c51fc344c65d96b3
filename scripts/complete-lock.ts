import { readFileSync, writeFileSync } from "node:fs";

// A registry mirror that lacks the builds for other platforms makes `npm install` leave them out of package-lock.json, and then `npm ci`
// refuses the lock file as out of step. This adds what is missing: the exact version that the parent asks for, and the platform that its
// name says, so that npm passes it over on every other platform. Without an integrity, since there was nothing to take one of.

interface LockedPackage {
  version?: string;
  cpu?: string[];
  dev?: boolean;
  libc?: string[];
  optional?: boolean;
  os?: string[];
  engines?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8")) as { packages: Record<string, LockedPackage> };

const systems = ["aix", "android", "darwin", "freebsd", "linux", "openharmony", "sunos", "win32"];
const processors: Record<string, string> = {
  arm: "arm",
  arm64: "arm64",
  ia32: "ia32",
  loong64: "loong64",
  ppc64: "ppc64",
  riscv64: "riscv64",
  s390x: "s390x",
  wasm32: "wasm32",
  x64: "x64",
};

let added = 0;
for (const [path, parent] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const isLocked = `${path}/node_modules/${name}` in lock.packages || `node_modules/${name}` in lock.packages;
    if (isLocked) continue;
    lock.packages[`node_modules/${name}`] = { version: exact(name, version), ...platformOf(name), ...(parent.dev === true && { dev: true }), optional: true };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([one], [other]) => (one < other ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`package-lock.json: ${added} packages for other platforms added.\n`);

function exact(name: string, version: string): string {
  if (/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) return version;
  throw new Error(`${name} is wanted as "${version}", and only an exact version can be locked without asking the registry.`);
}

function platformOf(name: string): LockedPackage {
  const words = name.split(/[/-]/);
  const cpu = words.map((word) => processors[word]).filter((word) => word !== undefined);
  const os = words.filter((word) => systems.includes(word));
  if (words.includes("arm") || words.some((word) => word.startsWith("arm-"))) cpu.push("arm");
  if (cpu.length === 0 && os.length === 0) throw new Error(`The name of ${name} tells no platform, so it cannot be passed over on others.`);
  const libc = words.some((word) => word.startsWith("musl")) ? ["musl"] : os.includes("linux") ? ["glibc"] : [];
  return { ...(cpu.length > 0 && { cpu: [...new Set(cpu)] }), ...(libc.length > 0 && { libc }), ...(os.length > 0 && { os }) };
}

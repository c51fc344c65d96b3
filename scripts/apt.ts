import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";

/** apt waits so long for another apt to let go of its locks, seconds. */
const LOCK_WAIT = 300;
const TRIES = 3;
/** Debian's packages ask this program before they start a service of the system. */
const POLICY = "/usr/sbin/policy-rc.d";
const NO_SERVICES = "#!/bin/sh\n# While packages for tests are installed: no service of the system is started.\nexit 101\n";

/** Whether this process may install the system's packages: root, on Debian or Ubuntu, unless ERRAND_APT=off forbids it. */
export function mayInstall(): boolean {
  return process.env.ERRAND_APT !== "off" && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
}

/**
 * Installs packages with apt, without the services that they would start.
 *
 * @param say hears each command before it is run
 * @throws Error that names the command that failed three times
 */
export function install(packages: readonly string[], say: (line: string) => void): void {
  const undo = withoutServices();
  try {
    apt(say, "update");
    apt(say, "install", "-y", "--no-install-recommends", ...packages);
  } finally {
    undo();
  }
}

function apt(say: (line: string) => void, ...words: string[]): void {
  const command = `apt-get ${words.join(" ")}`;
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    say(command);
    const { status, error } = spawnSync("apt-get", ["-q", "-o", `DPkg::Lock::Timeout=${LOCK_WAIT}`, "-o", "Acquire::Retries=3", ...words], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      // What the command prints is for people; stdout belongs to whoever asked for the packages.
      stdio: ["ignore", 2, 2],
    });
    if (status === 0) return;
    if (error) throw error;
    // "update" keeps its own lock, which DPkg::Lock::Timeout does not wait for.
    if (attempt < TRIES) spawnSync("sleep", [String(attempt * 5)]);
  }
  throw new Error(`"${command}" failed ${TRIES} times (see above).`);
}

/** A policy that the machine has already stays as it is. */
function withoutServices(): () => void {
  if (existsSync(POLICY)) return () => undefined;
  writeFileSync(POLICY, NO_SERVICES, { mode: 0o755 });
  return () => rmSync(POLICY, { force: true });
}

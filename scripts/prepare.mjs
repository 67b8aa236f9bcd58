#!/usr/bin/env node
/**
 * The slow half of the launcher: installs what package-lock.json asks for if it is not there,
 * builds, and leaves the stamp `dist/.built` by which the launcher sees that nothing changed.
 * Uses nothing but Node's built-ins. Several at once take turns.
 */
import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, statSync } from "node:fs";
import { mkdir, readFile, readdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const nodePath = process.argv[2] ?? process.execPath;
const dist = join(root, "dist");
const stamp = join(dist, ".built");
const installLog = join(root, ".autosd-install.log");
const lockFile = join(root, ".autosd-prepare.lock");
const holdsLock = "AUTOSD_PREPARE_LOCKED";
const maxLockWaitMs = 15 * 60 * 1000;

class Failure extends Error {
  constructor(message, remedy) {
    super(message);
    this.remedy = remedy;
  }
}

function say(line) {
  process.stderr.write(`autosd: ${line}\n`);
}

/** `packages` of a lockfile without the project itself, or undefined when it cannot be read. */
async function lockedPackages(path) {
  try {
    const { packages } = JSON.parse(await readFile(path, "utf8"));
    delete packages[""];
    return packages;
  } catch {
    return undefined;
  }
}

/**
 * True when node_modules holds what the lockfile names. npm records what it installed when it is
 * finished and removes the record first when it starts, so an installation that was killed
 * does not count.
 */
async function isInstalled() {
  const wanted = await lockedPackages(join(root, "package-lock.json"));
  const present = await lockedPackages(join(root, "node_modules", ".package-lock.json"));
  if (wanted === undefined)
    throw new Failure("package-lock.json cannot be read", "git checkout package-lock.json");
  if (present === undefined) return false;
  for (const [path, entry] of Object.entries(wanted)) {
    const other = present[path];
    // Packages for other platforms are optional and absent.
    if (other === undefined ? entry.optional !== true : other.integrity !== entry.integrity)
      return false;
  }
  return Object.keys(present).every((path) => wanted[path] !== undefined);
}

/** Ends as the child ended; a signal that stops the child is not an error of ours to explain. */
function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, ...options });
    // The terminal signals the whole group; others signal only this process.
    const pass = (signal) => child.kill(signal);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, pass);
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(name, pass);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

/** Starts npm through the Node that was found: its own `#!/usr/bin/env node` might find another. */
function npmCommand() {
  const beside = [
    join(dirname(process.execPath), "../lib/node_modules/npm/bin/npm-cli.js"),
    join(dirname(process.execPath), "../share/nodejs/npm/bin/npm-cli.js"),
  ];
  const script = beside.find((path) => existsSync(path));
  return script === undefined ? ["npm"] : [process.execPath, script];
}

async function install() {
  say("installing what it needs (once; about half a minute)");
  // First of all: a crash from here on must not look like a finished installation.
  await rm(join(root, "node_modules", ".package-lock.json"), { force: true });
  const log = openSync(installLog, "w", 0o600);
  let code;
  try {
    const [command, ...args] = npmCommand();
    // The bundler is a development dependency and must come whatever NODE_ENV says.
    code = await run(
      command,
      [...args, "ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund"],
      { stdio: ["ignore", log, log] },
    );
  } catch (error) {
    throw error.code === "ENOENT"
      ? new Failure("npm was not found beside Node.js", "install npm (Debian: apt install npm)")
      : error;
  } finally {
    closeSync(log);
  }
  if (code === 0) return;
  if (code > 128) process.exit(code);
  const tail = readFileSync(installLog, "utf8").trimEnd().split("\n").slice(-20).join("\n");
  process.stderr.write(`${tail}\n`);
  throw new Failure(
    `npm ci failed with exit code ${code} (everything it said: ${installLog})`,
    "put right what npm names above, then run the same command again",
  );
}

async function build() {
  say("building");
  // Taken before anything is read: a file that changes during the build is newer than this.
  const startedAt = new Date();
  const code = await run(process.execPath, [join(root, "scripts/build.mjs")], {
    stdio: ["ignore", 2, 2],
  });
  if (code > 128) process.exit(code);
  if (code !== 0) throw new Failure("the build failed", "put right what is named above");
  const staged = `${stamp}-${process.pid}`;
  await writeFile(staged, `${nodePath}\n`);
  await utimes(staged, startedAt, startedAt);
  await rename(staged, stamp);
}

/** Milliseconds of the newest file or folder that goes into the program. */
async function newestSourceMs() {
  const paths = ["package.json", "scripts/build.mjs"].map((path) => join(root, path));
  for (const folder of ["src", "scripts/build"].map((path) => join(root, path)))
    paths.push(
      folder,
      ...(await readdir(folder, { recursive: true })).map((one) => join(folder, one)),
    );
  return Math.max(...paths.map((path) => statSync(path).mtimeMs));
}

/** Another launcher may have built while this one waited. */
async function isBuilt() {
  if (!existsSync(join(dist, "main.js")) || !existsSync(stamp)) return false;
  return statSync(stamp).mtimeMs >= (await newestSourceMs());
}

async function prepare() {
  if (!(await isInstalled())) await install();
  // Same content, younger file (a fresh `git checkout`): the launcher compares times only.
  const lockfileMs = statSync(join(root, "package-lock.json")).mtimeMs;
  const seen = new Date(Math.max(Date.now(), Math.ceil(lockfileMs)));
  await utimes(join(root, "node_modules", ".package-lock.json"), seen, seen);
  if (!(await isBuilt())) return build();
  const built = statSync(stamp);
  await writeFile(stamp, `${nodePath}\n`);
  await utimes(stamp, built.atime, built.mtime);
}

/** The pid in a lock, undefined when there is none (yet). */
function ownerOf(folder) {
  try {
    return Number(readFileSync(join(folder, "pid"), "utf8"));
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** True when the lock's owner is gone. An empty lock counts once it is too old to be a new one. */
function isAbandoned(folder) {
  const owner = ownerOf(folder);
  if (owner !== undefined && Number.isInteger(owner) && owner > 0) return !isAlive(owner);
  try {
    return Date.now() - statSync(folder).mtimeMs > 10_000;
  } catch {
    return false;
  }
}

/** The way without flock(1): a folder whose name is the lock, with the owner's pid in it. */
async function underFolderLock(work) {
  const folder = `${lockFile}.d`;
  const deadline = Date.now() + maxLockWaitMs;
  const mine = `${folder}-${process.pid}`;
  await rm(mine, { recursive: true, force: true });
  await mkdir(mine);
  await writeFile(join(mine, "pid"), `${process.pid}`);
  for (;;) {
    try {
      // Renaming a filled folder onto a filled one is refused: pid and lock appear together.
      await rename(mine, folder);
      break;
    } catch (error) {
      if (!["ENOTEMPTY", "EEXIST", "EPERM"].includes(error.code)) throw error;
    }
    if (isAbandoned(folder)) await discard(folder);
    else if (Date.now() > deadline)
      throw new Failure(`another installation holds ${folder}`, `rm -r '${folder}'`);
    else await new Promise((resolve) => setTimeout(resolve, 100));
  }
  try {
    await work();
  } finally {
    // Aside first: emptied in its place, the next one's lock would take the place and be removed with it.
    const done = `${mine}-done`;
    await rename(folder, done);
    await rm(done, { recursive: true, force: true });
  }
}

/** Takes an abandoned lock away; if it turns out to be a new one, puts it back. */
async function discard(folder) {
  const aside = `${folder}-old-${process.pid}`;
  try {
    await rename(folder, aside);
  } catch {
    return;
  }
  if (!isAbandoned(aside)) await rename(aside, folder).catch(() => undefined);
  await rm(aside, { recursive: true, force: true });
}

/** Runs this script again under flock(1), whose lock the kernel releases, or under a folder lock. */
async function takeTurn() {
  if (process.env[holdsLock] === "1") return prepare();
  const probe = spawnSync("flock", ["--version"], { stdio: "ignore" });
  if (probe.status !== 0) return underFolderLock(prepare);
  const code = await run(
    "flock",
    [lockFile, process.execPath, fileURLToPath(import.meta.url), nodePath],
    { stdio: ["ignore", 2, 2], env: { ...process.env, [holdsLock]: "1" } },
  );
  process.exitCode = code;
}

try {
  await takeTurn();
} catch (error) {
  const unwritable = ["EACCES", "EROFS", "EPERM"].includes(error.code);
  say(unwritable ? `cannot write below ${root} (${error.code})` : error.message);
  const remedy = unwritable ? "make the clone writable, or build it as its owner" : error.remedy;
  if (remedy !== undefined) process.stderr.write(`remedy: ${remedy}\n`);
  else process.stderr.write(`${error.stack}\n`);
  process.exitCode = 2;
}

import { execFileSync } from "node:child_process";
import {
  appendFile,
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { reportUnavailable } from "../../../test/support/report-unavailable.ts";
import { SmallDisk, smallDisksMissing } from "../../../test/support/small-disk.ts";
import { translate } from "./private-file-errors.ts";
import {
  checkPrivateFolder,
  listPrivateFolder,
  openPrivateFile,
  preparePrivateFolder,
  readPrivateFile,
  removeLeftovers,
  removePrivateFile,
  writePrivateFile,
} from "./private-files.ts";

const store = { code: "AUTOSD-PREAUTH-STORE" };
const secret = { maxBytes: 100, secrecy: "secret" } as const;
const bytes = (text: string) => new Uint8Array(Buffer.from(text));
let root = "";
let folder = "";
let file = "";

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "autosd-private-"));
  folder = join(root, "a", "b");
  file = join(folder, "file");
});
afterEach(() => rm(root, { recursive: true }));

const modeOf = async (path: string) => (await lstat(path)).mode & 0o777;

test("writes files that nobody else may read, in folders that nobody else may enter", async () => {
  expect(await writePrivateFile(file, bytes("one"), { replace: true })).toBe(true);
  expect(await modeOf(join(root, "a"))).toBe(0o700);
  expect(await modeOf(folder)).toBe(0o700);
  expect(await modeOf(file)).toBe(0o600);
  expect(await readPrivateFile(file, secret)).toEqual(bytes("one"));
  expect(await readdir(folder)).toEqual(["file"]);
});

test("has the same modes whatever the umask is", async () => {
  const umask = process.umask(0);
  try {
    await writePrivateFile(file, bytes("one"), { replace: true });
  } finally {
    process.umask(umask);
  }
  expect(await modeOf(folder)).toBe(0o700);
  expect(await modeOf(file)).toBe(0o600);
});

test("replaces a file whole, or not at all when it must not be replaced", async () => {
  await writePrivateFile(file, bytes("one"), { replace: true });
  expect(await writePrivateFile(file, bytes("two"), { replace: false })).toBe(false);
  expect(await readPrivateFile(file, secret)).toEqual(bytes("one"));
  expect(await writePrivateFile(file, bytes("two"), { replace: true })).toBe(true);
  expect(await readPrivateFile(file, secret)).toEqual(bytes("two"));
  expect(await readdir(folder)).toEqual(["file"]);
});

test("lets one of several writers create a file", async () => {
  const won = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      writePrivateFile(file, bytes(String(index)), { replace: false }),
    ),
  );
  expect(won.filter(Boolean)).toHaveLength(1);
  expect(await readPrivateFile(file, secret)).toEqual(bytes(String(won.indexOf(true))));
  expect(await readdir(folder)).toEqual(["file"]);
});

test("tells what is not there from what is", async () => {
  expect(await checkPrivateFolder(folder)).toBe(false);
  expect(await readPrivateFile(file, secret)).toBeUndefined();
  expect(await listPrivateFolder(folder)).toEqual([]);
  expect(await removePrivateFile(file)).toBe(false);
  await writePrivateFile(file, bytes(""), { replace: true });
  expect(await readPrivateFile(file, secret)).toEqual(bytes(""));
  expect(await listPrivateFolder(folder)).toEqual(["file"]);
  expect(await removePrivateFile(file)).toBe(true);
  expect(await readPrivateFile(file, secret)).toBeUndefined();
});

describe("refuses", () => {
  beforeEach(() => writePrivateFile(file, bytes("one"), { replace: true }));

  const everyRead = [
    () => readPrivateFile(file, secret),
    () => openPrivateFile(file, { access: "read", create: false, secrecy: "secret" }),
    () => openPrivateFile(file, { access: "write", create: true, secrecy: "secret" }),
  ];

  test("a link in the place of a file, whatever it leads to", async () => {
    const elsewhere = join(folder, "elsewhere");
    await rename(file, elsewhere);
    for (const target of [elsewhere, join(root, "nothing"), "/dev/zero"]) {
      await rm(file, { force: true });
      await symlink(target, file);
      for (const read of everyRead) await expect(read()).rejects.toMatchObject(store);
    }
    // What is written takes the link's place and does not follow it.
    await writePrivateFile(file, bytes("two"), { replace: true });
    expect((await lstat(file)).isFile()).toBe(true);
    expect(await readFile(elsewhere, "utf8")).toBe("one");
  });

  test("a pipe in the place of a file, without waiting for its other end", async () => {
    await rm(file);
    execFileSync("mkfifo", ["-m", "600", file]);
    for (const read of everyRead) await expect(read()).rejects.toMatchObject(store);
  });

  test("a socket or a folder in the place of a file", async () => {
    await rm(file);
    await mkdir(file, { mode: 0o700 });
    await expect(readPrivateFile(file, secret)).rejects.toMatchObject(store);
    await rm(file, { recursive: true });
    const server = createServer();
    server.listen(file);
    await once(server, "listening");
    await expect(readPrivateFile(file, secret)).rejects.toMatchObject(store);
    server.close();
    await once(server, "close");
  });

  test.each([0o640, 0o604, 0o620, 0o602, 0o777])("a secret file of mode %o", async (mode) => {
    await chmod(file, mode);
    for (const read of everyRead) await expect(read()).rejects.toMatchObject(store);
  });

  test.each([0o620, 0o602, 0o666])("a public file of mode %o, and takes 0644", async (mode) => {
    const open = { maxBytes: 100, secrecy: "public" } as const;
    await chmod(file, mode);
    await expect(readPrivateFile(file, open)).rejects.toMatchObject(store);
    await chmod(file, 0o644);
    expect(await readPrivateFile(file, open)).toEqual(bytes("one"));
  });

  test.each([0o710, 0o701, 0o750, 0o777, 0o1777])("a folder of mode %o", async (mode) => {
    await chmod(folder, mode);
    await expect(checkPrivateFolder(folder)).rejects.toMatchObject(store);
    await expect(listPrivateFolder(folder)).rejects.toMatchObject(store);
    await expect(writePrivateFile(file, bytes("two"), { replace: true })).rejects.toMatchObject(
      store,
    );
    expect(await readFile(file, "utf8")).toBe("one");
  });

  test("a link in the place of a folder", async () => {
    const elsewhere = join(root, "elsewhere");
    await rename(folder, elsewhere);
    await symlink(elsewhere, folder);
    await expect(checkPrivateFolder(folder)).rejects.toMatchObject(store);
    await expect(preparePrivateFolder(folder)).rejects.toMatchObject(store);
    await expect(writePrivateFile(file, bytes("two"), { replace: true })).rejects.toMatchObject(
      store,
    );
    expect(await readFile(join(elsewhere, "file"), "utf8")).toBe("one");
  });

  test("a file in the place of a folder", async () => {
    const inner = join(file, "x");
    await expect(checkPrivateFolder(file)).rejects.toMatchObject(store);
    await expect(preparePrivateFolder(file)).rejects.toMatchObject(store);
    await expect(readPrivateFile(inner, secret)).rejects.toMatchObject(store);
    await expect(writePrivateFile(inner, bytes(""), { replace: true })).rejects.toMatchObject(
      store,
    );
  });

  test("a file or a folder of somebody else", async () => {
    if (process.getuid?.() !== 0) {
      reportUnavailable("files of other users", "only root can give a file away");
      return;
    }
    await chown(file, 12_345, 12_345);
    for (const read of everyRead) await expect(read()).rejects.toMatchObject(store);
    await chown(folder, 12_345, 12_345);
    await expect(checkPrivateFolder(folder)).rejects.toMatchObject(store);
  });

  test("more bytes than are read", async () => {
    await writePrivateFile(file, new Uint8Array(100), { replace: true });
    expect(await readPrivateFile(file, secret)).toHaveLength(100);
    await appendFile(file, "x");
    await expect(readPrivateFile(file, secret)).rejects.toMatchObject(store);
    // Sparse: it is refused by its size, not read to the end.
    execFileSync("truncate", ["-s", "1T", file]);
    await expect(readPrivateFile(file, secret)).rejects.toMatchObject(store);
  });
});

test("does not show what a crash left behind, and deletes it when it is old", async () => {
  await writePrivateFile(file, bytes("one"), { replace: true });
  const old = join(folder, ".file.00112233aabb.tmp");
  const young = join(folder, ".file.00112233bbcc.tmp");
  for (const path of [old, young]) await writeFile(path, "half", { mode: 0o600 });
  const yesterday = Date.now() / 1_000 - 86_400;
  await utimes(old, yesterday, yesterday);
  expect(await listPrivateFolder(folder)).toEqual(["file"]);
  await removeLeftovers(folder);
  expect(await readdir(folder)).toEqual([".file.00112233bbcc.tmp", "file"]);
  await removeLeftovers(join(root, "nothing"));
});

test("takes a created file whose second name a crash left behind", async () => {
  await writePrivateFile(file, bytes("one"), { replace: false });
  await link(file, join(folder, ".file.00112233aabb.tmp"));
  expect(await readPrivateFile(file, secret)).toEqual(bytes("one"));
  expect(await listPrivateFolder(folder)).toEqual(["file"]);
});

test("knows all the ways in which the system says that there is no room", () => {
  for (const code of ["ENOSPC", "EDQUOT", "EFBIG"])
    expect(translate(Object.assign(new Error("full"), { code }), file)).toMatchObject({
      code: "AUTOSD-DISK-FULL",
      folder,
    });
});

test("leaves the old content, and nothing else, on a disk that is full", async () => {
  const missing = smallDisksMissing(root);
  if (missing !== undefined) {
    reportUnavailable("private files on a full disk", missing);
    return;
  }
  const program = join(root, "program.mjs");
  const source = new URL("private-files.ts", import.meta.url).pathname;
  buildSync({
    stdin: { contents: writesTwice(source), resolveDir: root, loader: "ts" },
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  const disk = await SmallDisk.mount(await mkdtemp(join(root, "disk-")), "64k");
  try {
    const [command, ...args] = disk.command([process.execPath, program, disk.folder]);
    expect(JSON.parse(execFileSync(command, args, { encoding: "utf8" }))).toEqual({
      codes: ["AUTOSD-DISK-FULL", "AUTOSD-DISK-FULL"],
      content: "one",
      names: ["file"],
    });
  } finally {
    disk.close();
  }
});

function writesTwice(source: string): string {
  return `
    import { readFileSync, readdirSync } from "node:fs";
    import { writePrivateFile } from ${JSON.stringify(source)};
    const folder = process.argv[2] + "/a";
    await writePrivateFile(folder + "/file", Buffer.from("one"), { replace: true });
    const codes = [];
    for (const [name, replace] of [["file", true], ["other", false]])
      await writePrivateFile(folder + "/" + name, Buffer.alloc(200_000), { replace })
        .catch((error) => codes.push(error.code));
    const content = readFileSync(folder + "/file", "utf8");
    console.log(JSON.stringify({ codes, content, names: readdirSync(folder) }));
  `;
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { networkFilesystemName, refuseNetworkFilesystem } from "./filesystem-kind.ts";

test.each([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xff534d42 | 0, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x01021997, "9p"],
  [0x65735546, "FUSE"],
  [0x00c36400, "Ceph"],
])("knows the network file system %i", async (type, name) => {
  expect(networkFilesystemName(type)).toBe(name);
  await expect(refuseNetworkFilesystem("/a/b", async () => type)).rejects.toMatchObject({
    code: "AUTOSD-AUDIT-UNWRITABLE",
    details: { path: "/a/b", filesystem: name },
  });
});

test.each([
  ["ext4", 0xef53],
  ["btrfs", 0x9123683e],
  ["xfs", 0x58465342],
  ["tmpfs", 0x01021994],
  ["overlayfs", 0x794c7630],
  ["zfs", 0x2fc12fc1],
  ["f2fs", 0xf2f52010],
])("lets %s pass", async (_name, type) => {
  expect(networkFilesystemName(type)).toBeUndefined();
  await expect(refuseNetworkFilesystem("/a/b", async () => type)).resolves.toBeUndefined();
});

test("asks the nearest folder that exists", async () => {
  const asked: string[] = [];
  const typeOf = async (path: string) => {
    asked.push(path);
    if (path !== "/a") throw Object.assign(new Error("gone"), { code: "ENOENT" });
    return 0x6969;
  };
  await expect(refuseNetworkFilesystem("/a/b/c", typeOf)).rejects.toThrow("NFS");
  expect(asked).toEqual(["/a/b/c", "/a/b", "/a"]);
});

test("refuses what it cannot look at", async () => {
  const typeOf = async () => {
    throw Object.assign(new Error("stale"), { code: "ESTALE" });
  };
  await expect(refuseNetworkFilesystem("/a", typeOf)).rejects.toMatchObject({
    code: "AUTOSD-AUDIT-UNWRITABLE",
  });
});

test("takes the local disk that tests run on", async () => {
  const folder = await mkdtemp(join(tmpdir(), "autosd-filesystem-"));
  try {
    const asked = refuseNetworkFilesystem(join(folder, "not", "yet"));
    await expect(asked).resolves.toBeUndefined();
  } finally {
    await rm(folder, { recursive: true });
  }
});

import { Buffer } from "node:buffer";
import type { SandboxPlan, ViewStep } from "./plan.ts";

type Order = readonly [
  name: string,
  first?: string | number,
  second?: string | number,
  third?: string,
];

/** System call numbers of the processors that Node runs on and this backend knows. */
const systemCalls: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  x64: {
    close: 3,
    unshare: 272,
    mount: 165,
    umount2: 166,
    pivot_root: 155,
    sethostname: 170,
    prctl: 157,
    prlimit64: 302,
    setsid: 112,
    setgroups: 116,
    setresgid: 119,
    setresuid: 117,
    capset: 126,
  },
  arm64: {
    close: 57,
    unshare: 97,
    mount: 40,
    umount2: 39,
    pivot_root: 41,
    sethostname: 161,
    prctl: 167,
    prlimit64: 261,
    setsid: 157,
    setgroups: 159,
    setresgid: 149,
    setresuid: 147,
    capset: 91,
  },
};

/** setrlimit(2) resource numbers; the same on x64 and arm64. */
const resource = { fileSize: 1, data: 2, core: 4, processes: 6, openFiles: 7 } as const;

/**
 * The stdin of the stage script: four NUL-terminated fields an order. No field can hold a NUL, because
 * paths, arguments and variables with one are refused before.
 */
export function stageOrders(
  plan: SandboxPlan,
  place: { readonly root: string; readonly status: string; readonly architecture: string },
): Uint8Array {
  const orders: readonly Order[] = [
    ...Object.entries(systemCalls[place.architecture] ?? {}).map(([name, number]): Order => [
      "nr",
      name,
      number,
    ]),
    ["root", place.root],
    ["status", place.status],
    ["identity", plan.identity.uid, plan.identity.gid, plan.identity.drop ? "drop" : "keep"],
    ["limit", resource.core, 0],
    ["limit", resource.processes, plan.limits.processes],
    ["limit", resource.data, plan.limits.dataBytes],
    ["limit", resource.fileSize, plan.limits.fileBytes],
    ["limit", resource.openFiles, plan.limits.openFiles],
    ...plan.view.map(viewOrder),
    ...Object.entries(plan.env).map(([name, value]): Order => ["env", name, value]),
    ...plan.command.map((argument): Order => ["argument", argument]),
    ["program", plan.program],
    ["cwd", plan.cwd],
    ...(plan.filter === undefined
      ? []
      : [["filter", Buffer.from(plan.filter).toString("hex")] satisfies Order]),
  ];
  const fields = orders.flatMap((order) => [
    order[0],
    order[1] ?? "",
    order[2] ?? "",
    order[3] ?? "",
  ]);
  return Buffer.from(fields.map((field) => `${field}\0`).join(""), "utf8");
}

function viewOrder(step: ViewStep): Order {
  switch (step.kind) {
    case "bind":
      return ["bind", step.from, step.to, step.mode];
    case "link":
      return ["link", step.target, step.path];
    case "tmpfs":
      return ["tmpfs", step.path, step.sizeBytes];
    case "home":
      return ["home", step.path];
    case "dev":
      return ["dev", step.sharedMemoryBytes];
    case "proc":
      return ["proc"];
  }
}

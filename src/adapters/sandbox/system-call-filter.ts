import { Buffer } from "node:buffer";

/** System call numbers of one processor; see the kernel's `unistd.h`. */
interface Processor {
  readonly auditArchitecture: number;
  readonly clone: number;
  readonly ioctl: number;
  readonly socket: number;
  /** Namespaces, mounts, modules, clocks, keys, tracing: nothing that builds or tests need. */
  readonly denied: readonly number[];
  /** True where the numbers from 2^30 on are a second set of the same calls. */
  readonly hasSecondTable: boolean;
}

/** The same numbers on all processors: io_uring, the new mount interface, mount_setattr. */
const deniedEverywhere = [425, 426, 427, 428, 429, 430, 431, 432, 433, 442] as const;
/** Its flags lie in memory, where a filter cannot look; libraries fall back to clone. */
const clone3 = 435;

const processors: Readonly<Record<string, Processor>> = {
  x64: {
    auditArchitecture: 0xc000003e,
    clone: 56,
    ioctl: 16,
    socket: 41,
    denied: [
      101, 103, 134, 153, 154, 155, 161, 163, 164, 165, 166, 167, 168, 169, 170, 171, 172, 173, 175,
      176, 179, 212, 227, 246, 248, 249, 250, 272, 298, 304, 308, 310, 311, 313, 320, 321, 323,
    ],
    hasSecondTable: true,
  },
  arm64: {
    auditArchitecture: 0xc00000b7,
    clone: 220,
    ioctl: 29,
    socket: 198,
    denied: [
      18, 39, 40, 41, 51, 58, 60, 89, 97, 104, 105, 106, 112, 116, 117, 142, 161, 162, 170, 217,
      218, 219, 224, 225, 241, 265, 268, 270, 271, 273, 280, 282, 294,
    ],
    hasSecondTable: false,
  },
};

const namespaceFlags = 0x7e020000;
const terminalInjection = [0x5412, 0x541c] as const;
/** Unix, IPv4, IPv6, netlink. Others (vsock, kernel crypto) are not held by a network namespace. */
const socketFamilies = [1, 2, 10, 16] as const;

const offset = { number: 0, architecture: 4, firstArgument: 16, secondArgument: 24 } as const;
const code = { load: 0x20, ifEqual: 0x15, ifAtLeast: 0x35, ifAnyBit: 0x45, answer: 0x06 } as const;
const allow = 0x7fff0000;
const errno = { EPERM: 1, ENOSYS: 38, EAFNOSUPPORT: 97 } as const;
const refuse = (error: number): number => 0x00050000 | error;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/**
 * A seccomp program for the commands of a sandbox, in the kernel's classic BPF: what only a kernel exploit
 * or an escape needs is answered with an error. `undefined` for a processor that it does not know.
 */
export function systemCallFilter(architecture: string): Uint8Array | undefined {
  const processor = processors[architecture];
  if (processor === undefined) return undefined;
  const load = (from: number): Instruction => [code.load, 0, 0, from];
  const answer = (value: number): Instruction => [code.answer, 0, 0, value];
  const on = (number: number, value: number): readonly Instruction[] => [
    [code.ifEqual, 0, 1, number],
    answer(value),
  ];
  const program: readonly Instruction[] = [
    load(offset.architecture),
    [code.ifEqual, 1, 0, processor.auditArchitecture],
    answer(refuse(errno.ENOSYS)),
    load(offset.number),
    ...(processor.hasSecondTable
      ? ([[code.ifAtLeast, 0, 1, 0x40000000], answer(refuse(errno.ENOSYS))] as const)
      : []),
    ...on(clone3, refuse(errno.ENOSYS)),
    ...[...processor.denied, ...deniedEverywhere].flatMap((one) => on(one, refuse(errno.EPERM))),
    [code.ifEqual, 0, 4, processor.clone],
    load(offset.firstArgument),
    [code.ifAnyBit, 0, 1, namespaceFlags],
    answer(refuse(errno.EPERM)),
    answer(allow),
    [code.ifEqual, 0, 2 + 2 * terminalInjection.length, processor.ioctl],
    load(offset.secondArgument),
    ...terminalInjection.flatMap((request) => on(request, refuse(errno.EPERM))),
    answer(allow),
    [code.ifEqual, 0, 2 + 2 * socketFamilies.length, processor.socket],
    load(offset.firstArgument),
    ...socketFamilies.flatMap((family) => on(family, allow)),
    answer(refuse(errno.EAFNOSUPPORT)),
    answer(allow),
  ];
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([operation, ifTrue, ifFalse, value], index) => {
    bytes.writeUInt16LE(operation, index * 8);
    bytes.writeUInt8(ifTrue, index * 8 + 2);
    bytes.writeUInt8(ifFalse, index * 8 + 3);
    bytes.writeUInt32LE(value >>> 0, index * 8 + 4);
  });
  return bytes;
}

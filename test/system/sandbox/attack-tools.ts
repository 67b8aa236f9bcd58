/** What an attack finds on the host: planted things, and things that live there. */
export interface Prey {
  readonly secretFile: string;
  readonly sshKey: string;
  readonly autosdKey: string;
  readonly hostPid: number;
  readonly tcpPort: number;
  /** Addresses of this machine on which `tcpPort` listens. */
  readonly addresses: readonly string[];
  readonly abstractSocket: string;
  readonly pathSocket: string;
  readonly isArm: boolean;
}

/** A Perl program as a shell command; Perl reaches the kernel directly. */
export function perl(program: string): string {
  return `perl -e '${program}' || echo "perl ended: $?"`;
}

/** A system call by its numbers on both processors; BROKEN when the kernel obeys. */
export function systemCall(prey: Prey, x64: number, arm64: number, args: string): string {
  const number = prey.isArm ? arm64 : x64;
  return perl(
    `print "attempted\\n"; my $buffer = "x" x 512; my $answer = syscall(${number}, ${args}); print $answer == -1 ? "refused $!\\n" : "BROKEN\\n"`,
  );
}

export function connect(family: "unix" | "inet", address: string): string {
  const pack = family === "unix" ? `pack("S a108", 1, ${address})` : address;
  return perl(
    `use Socket; print "attempted\\n"; socket(my $s, ${family === "unix" ? "AF_UNIX" : "AF_INET"}, SOCK_STREAM, 0) or die; print connect($s, ${pack}) ? "BROKEN\\n" : "refused $!\\n"`,
  );
}

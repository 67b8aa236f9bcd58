import { connect, perl, systemCall, type Prey } from "./attack-tools.ts";

/**
 * One attempt to get out. The script prints `attempted` before it tries, so that a missing tool is not
 * taken for a defence, and must never print `BROKEN`, the planted secret, or end the victim.
 */
export interface Attack {
  readonly name: string;
  readonly script: (prey: Prey) => string;
  /** It succeeds without a sandbox: proof that the attack itself works. */
  readonly worksWithout?: true;
}

const reading: readonly Attack[] = [
  { name: "read an ssh key", script: (p) => `echo attempted; cat ${p.sshKey}`, worksWithout: true },
  {
    name: "read AUTOSD_HOME",
    script: (p) => `echo attempted; cat ${p.autosdKey}`,
    worksWithout: true,
  },
  {
    name: "read another project's file",
    script: (p) => `echo attempted; cat ${p.secretFile}`,
    worksWithout: true,
  },
  {
    name: "read through a symbolic link",
    script: (p) => `echo attempted; ln -sf ${p.secretFile} link; cat link; cat /proc/self/cwd/link`,
    worksWithout: true,
  },
  {
    name: "climb out of the workspace",
    script: (p) => `echo attempted; cat ../../../../../../../..${p.secretFile}`,
    worksWithout: true,
  },
  {
    name: "read through the root of other processes",
    script: (p) =>
      `echo attempted; cat /proc/[0-9]*/root${p.secretFile}; cat /proc/${p.hostPid}/root${p.secretFile}; cat /proc/1/cwd${p.secretFile}`,
    worksWithout: true,
  },
  {
    name: "read other processes' environment",
    script: () => "echo attempted; cat /proc/[0-9]*/environ | tr '\\0' '\\n'",
    worksWithout: true,
  },
  {
    name: "find anything of the machine's people",
    script: () =>
      "echo attempted; for d in /home /root /var /opt /srv /mnt /media /sys /run/docker.sock /var/run/docker.sock /run/user /run/systemd; do test -e $d && echo BROKEN $d; done; true",
    worksWithout: true,
  },
  {
    name: "read accounts and the machine's name",
    script: () =>
      "echo attempted; test -e /etc/shadow && echo BROKEN; test -e /etc/machine-id && echo BROKEN; test $(grep -c . /etc/passwd) -gt 3 && echo BROKEN; test $(uname -n) = sandbox || echo BROKEN",
    worksWithout: true,
  },
  {
    name: "read kernel memory and keys",
    script: () =>
      "echo attempted; head -c 64 /proc/kcore | grep -q ELF && echo BROKEN; grep -q . /proc/keys && echo BROKEN; head -c 1 /dev/mem && echo BROKEN; head -c 1 /dev/sda /dev/vda && echo BROKEN; true",
  },
  {
    name: "use open files left by autosd",
    script: () =>
      perl(
        'print "attempted\\n"; for my $fd (3 .. 1023) { my $to = readlink "/proc/$$/fd/$fd" or next; print "BROKEN $fd $to\\n" unless $to =~ m{^/proc/} }',
      ),
  },
  {
    name: "use the open files of process 1",
    script: () =>
      "echo attempted; for fd in /proc/1/fd/*; do readlink $fd | grep -E 'status|scratch' && (echo 'exit 0' > $fd) 2>/dev/null && echo BROKEN; done; true",
  },
];

const writing: readonly Attack[] = [
  {
    name: "write outside the workspace",
    script: () =>
      "echo attempted; for f in /x /usr/x /usr/bin/x /etc/x /etc/passwd /lib/x /proc/x /dev/x /run/x /deps/x; do (echo x >> $f) 2>/dev/null && echo BROKEN $f; done; true",
  },
  {
    name: "write through a symbolic link",
    script: (p) => `echo attempted; ln -sf ${p.secretFile} wlink; echo overwritten > wlink`,
    worksWithout: true,
  },
  {
    name: "write through a hard link of a read-only file",
    script: () =>
      "echo attempted; ln /deps/file hard && echo changed > hard && echo BROKEN; ln /usr/bin/env env2 && echo BROKEN; true",
  },
  {
    name: "change a file of a read-only mount",
    script: () =>
      "echo attempted; (echo x >> /deps/file) && echo BROKEN; chmod 777 /deps/file && echo BROKEN; rm -f /deps/file && echo BROKEN; touch -d 1970-01-01 /deps/file && echo BROKEN; true",
  },
  {
    name: "move a protected folder inside the workspace away",
    script: () =>
      "echo attempted; mv .git other && echo BROKEN; rm -rf .git/config && echo BROKEN; (echo x > .git/config) && echo BROKEN; true",
  },
  {
    name: "set what the kernel runs on a crash",
    script: () =>
      "echo attempted; (echo '|/workspace/evil' > /proc/sys/kernel/core_pattern) && echo BROKEN; (echo /workspace/evil > /proc/sys/kernel/modprobe) && echo BROKEN; true",
  },
  {
    name: "pull the machine's handles in /proc",
    script: () =>
      "echo attempted; for f in sysrq-trigger sys/vm/drop_caches sys/kernel/hostname irq/0/smp_affinity; do (echo 0 > /proc/$f) 2>/dev/null && echo BROKEN $f; done; true",
  },
];

const privileges: readonly Attack[] = [
  {
    name: "keep capabilities",
    script: () =>
      "echo attempted; grep -E '^Cap(Inh|Prm|Eff|Bnd|Amb):.*[1-9a-f]$' /proc/self/status && echo BROKEN; grep -q 'NoNewPrivs:.1' /proc/self/status || echo BROKEN; test $(id -u) = 0 && echo BROKEN; true",
  },
  { name: "become root", script: (p) => systemCall(p, 105, 146, "0") },
  {
    name: "use a program that is root's by its mark",
    script: () =>
      "echo attempted; test -u ./rootid || echo 'not marked'; ./rootid -u | grep -q '^0$' && echo BROKEN; find / -xdev -perm -4000 -name su 2>/dev/null | head -1; true",
  },
  { name: "make a user namespace", script: (p) => systemCall(p, 272, 97, "0x10000000") },
  {
    name: "make a user namespace by clone",
    script: (p) =>
      // A child that is made anyway must not go on as a second attacker.
      perl(
        `print "attempted\\n"; $| = 1; my $pid = syscall(${p.isArm ? 220 : 56}, 0x10000011, 0, 0, 0, 0); if ($pid == 0) { exit 0 } print $pid == -1 ? "refused $!\\n" : "BROKEN\\n"`,
      ),
  },
  {
    name: "make a user namespace by clone3",
    script: (p) =>
      perl(
        `print "attempted\\n"; $| = 1; my $a = pack("Q11", 0x10000000, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0); my $pid = syscall(${p.isArm ? 435 : 435}, $a, 64); if ($pid == 0) { exit 0 } print $pid == -1 ? "refused $!\\n" : "BROKEN\\n"`,
      ),
  },
  {
    name: "enter the namespaces of the host",
    script: (p) =>
      `${systemCall(p, 308, 268, "0, 0")}; nsenter -t 1 -m true && echo BROKEN; nsenter -t ${p.hostPid} -m true && echo BROKEN; true`,
  },
  {
    name: "mount",
    script: () =>
      "echo attempted; mkdir -p m; mount -t tmpfs none m && echo BROKEN; mount -o remount,rw,bind /usr && echo BROKEN; mount --bind / m && echo BROKEN; umount /proc/sys && echo BROKEN; true",
  },
  { name: "mount by the new interface", script: (p) => systemCall(p, 430, 430, '"tmpfs\\0", 0') },
  {
    name: "change the root",
    script: () =>
      perl('print "attempted\\n"; print chroot("/workspace") ? "BROKEN\\n" : "refused $!\\n"'),
  },
  {
    name: "make a device",
    script: () =>
      "echo attempted; mknod disk b 8 0 && echo BROKEN; mknod mem c 1 1 && echo BROKEN; mknod /tmp/disk b 254 0 && echo BROKEN; true",
  },
  { name: "use the kernel's key rings", script: (p) => systemCall(p, 250, 219, "0, -3, 1") },
  {
    name: "add a key",
    script: (p) => systemCall(p, 248, 217, '"user\\0", "autosd\\0", $buffer, 8, -3'),
  },
  {
    name: "load a program into the kernel",
    script: (p) => systemCall(p, 321, 280, "0, $buffer, 48"),
  },
  {
    name: "open a performance counter",
    script: (p) => systemCall(p, 298, 241, "$buffer, 0, -1, -1, 0"),
  },
  { name: "open an io_uring", script: (p) => systemCall(p, 425, 425, "8, $buffer") },
  { name: "use userfaultfd", script: (p) => systemCall(p, 323, 282, "1") },
  { name: "read the kernel's log", script: (p) => systemCall(p, 103, 116, "3, $buffer, 512") },
  {
    name: "set the clock",
    script: () => "echo attempted; date -s 2001-01-01 && echo BROKEN; true",
  },
  {
    name: "rename the machine",
    script: () => "echo attempted; hostname evil && echo BROKEN; true",
  },
  {
    name: "raise its own limits",
    script: () =>
      "echo attempted; for l in 'n 1000000' 'd unlimited' 'f unlimited' 'c unlimited'; do ulimit -H -$l 2>/dev/null && echo BROKEN $l; done; nice -n -5 true 2>&1 | grep -q cannot || echo BROKEN; true",
  },
];

const processes: readonly Attack[] = [
  {
    name: "see processes of the host",
    script: (p) =>
      `echo attempted; ls /proc | grep -c '^[0-9]*$' | { read n; test $n -gt 8 && echo BROKEN; }; test -d /proc/${p.hostPid} && test ${p.hostPid} -gt 50 && echo BROKEN; true`,
    worksWithout: true,
  },
  {
    name: "kill processes of the host",
    script: (p) =>
      `echo attempted; kill -9 ${p.hostPid} && echo BROKEN; kill -9 -${p.hostPid} && echo BROKEN; true`,
    worksWithout: true,
  },
  {
    name: "kill everything it can",
    script: () => "echo attempted; kill -9 1; kill -9 -1",
  },
  {
    name: "trace its parent",
    script: (p) =>
      `${systemCall(p, 101, 117, "16, 1, 0, 0")}; ${systemCall(p, 101, 117, "0x4206, 1, 0, 0")}`,
  },
  {
    name: "write into its parent's memory",
    script: (p) =>
      `${systemCall(p, 310, 270, "1, $buffer, 1, $buffer, 1, 0")}; ${systemCall(p, 311, 271, "1, $buffer, 1, $buffer, 1, 0")}`,
  },
  {
    name: "type into the terminal of autosd",
    script: () =>
      `${perl('print "attempted\\n"; my $c = "x"; for my $fd (0, 1, 2) { open my $t, "+<&=", $fd; print "BROKEN\\n" if ioctl $t, 0x5412, $c }')}; (echo x > /dev/tty) 2>/dev/null && echo BROKEN; perl -e 'open my $m, "+<", "/dev/ptmx" or exit; print "BROKEN\\n" if ioctl $m, 0x5412, my $c = "x"'; true`,
  },
];

const network: readonly Attack[] = [
  {
    name: "reach a server of the host",
    script: (p) =>
      p.addresses
        .map((one) => connect("inet", `pack_sockaddr_in(${p.tcpPort}, inet_aton("${one}"))`))
        .join("; "),
    worksWithout: true,
  },
  {
    name: "reach an abstract socket of the host",
    script: (p) => connect("unix", `"\\0${p.abstractSocket}"`),
    worksWithout: true,
  },
  {
    name: "reach a socket file of the host",
    script: (p) => connect("unix", `"${p.pathSocket}"`),
    worksWithout: true,
  },
  {
    name: "resolve a name",
    script: () =>
      "echo attempted; getent hosts example.com && echo BROKEN; getent hosts registry.example.org && echo BROKEN; true",
  },
  {
    name: "send a packet",
    script: () =>
      perl(
        'use Socket; print "attempted\\n"; socket(my $s, AF_INET, SOCK_DGRAM, 0) or die; for my $to ("8.8.8.8", "1.1.1.1", "169.254.169.254", "10.0.0.1") { print "BROKEN $to\\n" if defined send($s, "x", 0, pack_sockaddr_in(53, inet_aton($to))) }',
      ),
  },
  {
    name: "talk past the network namespace",
    script: () =>
      perl(
        'print "attempted\\n"; for my $family (40, 38, 17, 31) { print "BROKEN $family\\n" if socket my $s, $family, 1, 0 or socket $s, $family, 5, 0 }',
      ),
  },
  {
    name: "add a network device or a route",
    script: () =>
      "echo attempted; command -v ip >/dev/null || exit 0; ip link add dummy0 type dummy && echo BROKEN; ip link set lo down && echo BROKEN; ip route add default dev lo && echo BROKEN; true",
  },
];

export const attacks: readonly Attack[] = [
  ...reading,
  ...writing,
  ...privileges,
  ...processes,
  ...network,
];

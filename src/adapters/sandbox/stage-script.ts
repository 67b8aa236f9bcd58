/**
 * The first process of the `unshare` backend, in Perl because a fresh Debian has it (perl-base is
 * essential) and because one process that makes the system calls itself costs 3 ms where a chain
 * of `mount` programs costs 40. `unshare` has made the namespaces; this script builds the view, drops
 * every privilege, starts the command and stays as process 1 that reaps orphans. When it ends, the
 * kernel kills whatever is left in its process namespace.
 *
 * It reads its orders on stdin (of a command that is talked with: from open file 3), four NUL-terminated fields each (see `stage-orders.ts`), and writes
 * what happened to the status file, which the command cannot reach.
 */
export const stageScript = String.raw`
use strict;
my ($RDONLY, $NOSUID, $NODEV, $NOEXEC, $REMOUNT, $BIND, $REC, $PRIVATE) =
  (1, 2, 4, 8, 32, 4096, 16384, 1 << 18);
my (%nr, @view, %env, @command, %limit, $root, $uid, $gid, $drop, $cwd, $program, $filter, $status);
my $is_dialogue = @ARGV && $ARGV[0] eq 'dialogue';
my $orders = \*STDIN;
if ($is_dialogue) {
  undef $orders;
  open $orders, '<&=', 3 or die "cannot read the orders: $!\n";
}
{
  local $/;
  my @fields = split /\0/, scalar(<$orders>), -1;
  while (@fields >= 4) {
    my ($order, $first, $second, $third) = splice @fields, 0, 4;
    if ($order eq 'nr') { $nr{$first} = $second + 0 }
    elsif ($order eq 'root') { $root = $first }
    elsif ($order eq 'status') { $status = $first }
    elsif ($order eq 'identity') { ($uid, $gid, $drop) = ($first + 0, $second + 0, $third eq 'drop') }
    elsif ($order eq 'limit') { $limit{$first + 0} = $second + 0 }
    elsif ($order eq 'env') { $env{$first} = $second }
    elsif ($order eq 'argument') { push @command, $first }
    elsif ($order eq 'cwd') { $cwd = $first }
    elsif ($order eq 'program') { $program = $first }
    elsif ($order eq 'filter') { $filter = pack 'H*', $first }
    else { push @view, [$order, $first, $second, $third] }
  }
}
$0 = 'sandbox';
if ($is_dialogue) { close $orders }
else { open STDIN, '<', '/dev/null' or die "cannot open /dev/null: $!\n" }
# What the operator's shell left open (a lock, a socket) is not the command's business.
opendir my $open, '/proc/self/fd' or die "cannot see the open files: $!\n";
my @inherited = grep { /^\d+$/ and $_ > 2 } readdir $open;
closedir $open;
call('close', $_ + 0) for @inherited;
open my $log, '>>', $status or die "cannot open the status file: $!\n";
sub note { syswrite $log, join(' ', @_) . "\n" }
sub fail { note('failed', @_, "- $!"); exit 125 }
# Copies: Perl refuses to pass a literal to the kernel, which might write through it.
sub call { my ($name, @arguments) = @_; return syscall($nr{$name}, @arguments) != -1 }
sub mounted {
  my ($source, $target, $type, $flags, $data) = @_;
  call('mount', $source, $target, $type, $flags + 0, $data) or fail("mount $target");
}
note('pid', readlink('/proc/self') || 0, readlink('/proc/self/ns/pid') || '-');

sub folders {
  my ($path) = @_;
  my $at = '';
  for my $part (grep { length } split m{/}, $path) {
    $at .= "/$part";
    mkdir "$root$at", 0755 or -d "$root$at" or fail("mkdir $at");
  }
}
sub place {
  my ($path, $is_folder) = @_;
  return folders($path) if $is_folder;
  folders($path =~ m{^(.*)/[^/]+$} ? $1 : '/');
  return if -e "$root$path";
  open my $file, '>', "$root$path" or fail("create $path");
  close $file;
}
my %mode;
sub shown {
  my ($from, $to, $mode) = @_;
  place($to, -d $from);
  mounted($from, "$root$to", '', $BIND | $REC, '');
  $mode{"$root$to"} = $mode;
}

mounted('none', '/', '', $REC | $PRIVATE, '');
mounted('tmpfs', $root, 'tmpfs', $NOSUID | $NODEV, 'mode=0755,size=4194304');
for my $one (@view) {
  my ($order, $first, $second, $third) = @$one;
  if ($order eq 'bind') { shown($first, $second, $third) }
  elsif ($order eq 'link') {
    folders($second =~ m{^(.*)/[^/]+$} ? $1 : '/');
    symlink $first, "$root$second" or fail("link $second");
  }
  elsif ($order eq 'tmpfs') {
    folders($first);
    mounted('tmpfs', "$root$first", 'tmpfs', $NOSUID | $NODEV, "mode=1777,size=$second");
  }
  elsif ($order eq 'home') {
    folders($first);
    if ($drop) { chown $uid, $gid, "$root$first" or fail("chown $first") }
    chmod 0700, "$root$first";
  }
  elsif ($order eq 'dev') {
    folders('/dev');
    mounted('tmpfs', "$root/dev", 'tmpfs', $NOSUID, 'mode=0755,size=65536');
    for my $node (qw(null zero full random urandom tty)) {
      next unless -e "/dev/$node";
      shown("/dev/$node", "/dev/$node", 'device');
    }
    $mode{"$root/dev"} = 'read-only';
    $mode{"$root/dev/shm"} = 'read-write';
    $mode{"$root/dev/pts"} = 'device';
    folders('/dev/shm');
    mounted('tmpfs', "$root/dev/shm", 'tmpfs', $NOSUID | $NODEV, "mode=1777,size=$first");
    folders('/dev/pts');
    mounted('devpts', "$root/dev/pts", 'devpts', $NOSUID | $NOEXEC, 'newinstance,ptmxmode=0666,mode=620');
    symlink 'pts/ptmx', "$root/dev/ptmx";
    symlink '/proc/self/fd', "$root/dev/fd";
    symlink "/proc/self/fd/$$_[0]", "$root/dev/$$_[1]" for [0, 'stdin'], [1, 'stdout'], [2, 'stderr'];
  }
  elsif ($order eq 'proc') {
    folders('/proc');
    mounted('proc', "$root/proc", 'proc', $NOSUID | $NODEV | $NOEXEC, '');
    for my $part (qw(sys sysrq-trigger irq bus fs acpi scsi)) {
      next unless -e "$root/proc/$part";
      mounted("$root/proc/$part", "$root/proc/$part", '', $BIND | $REC, '');
      $mode{"$root/proc/$part"} = 'read-only';
    }
    for my $part (qw(kcore keys latency_stats timer_list sched_debug)) {
      next unless -e "$root/proc/$part";
      mounted('/dev/null', "$root/proc/$part", '', $BIND, '');
    }
  }
  else { $! = 0; fail("order $order") }
}

# A bind ignores the flags that it is made with; each mount below it must be changed by itself, and
# inside a user namespace no flag that was set before may be lost.
my %bit = (ro => 1, nosuid => 2, nodev => 4, noexec => 8, noatime => 1024, nodiratime => 2048, relatime => 1 << 21);
open my $table, '<', '/proc/self/mountinfo' or fail('read mountinfo');
while (my $line = <$table>) {
  my (undef, undef, undef, undef, $point, $options) = split / /, $line;
  $point =~ s/\\([0-7]{3})/chr oct $1/ge;
  next unless index("$point/", "$root/") == 0;
  my $owner = $point;
  $owner =~ s{/[^/]*$}{} while length $owner > length $root and not exists $mode{$owner};
  my $mode = $mode{$owner} or next;
  my $flags = 0;
  $flags |= $bit{$_} || 0 for split /,/, $options;
  my $wanted = $flags | $NOSUID;
  $wanted |= $NODEV unless $mode eq 'device';
  $wanted |= $RDONLY if $mode eq 'read-only';
  next if $wanted == $flags;
  mounted('none', $point, '', $REMOUNT | $BIND | $wanted, '');
}
close $table;

chdir $root or fail('enter the new root');
my $dot = '.';
call('pivot_root', $dot, $dot) or fail('pivot_root');
call('umount2', $dot, 2) or fail('leave the old root');
chdir '/' or fail('chdir /');
mounted('none', '/', '', $REMOUNT | $BIND | $RDONLY | $NOSUID | $NODEV, '');

my $name = 'sandbox';
call('sethostname', $name, length $name);
# Without it nothing listens on 127.0.0.1, and every test that starts a server fails.
if (socket my $control, 2, 2, 0) {
  my $request = pack 'a16 s x22', 'lo', 0;
  if (ioctl $control, 0x8913, $request) {
    my (undef, $flags) = unpack 'a16 s', $request;
    $request = pack 'a16 s x22', 'lo', $flags | 1;
    ioctl $control, 0x8914, $request or note('loopback', "$!");
  }
}

sub limited {
  for my $resource (keys %limit) {
    my $pair = pack 'Q2', $limit{$resource}, $limit{$resource};
    call('prlimit64', 0, $resource + 0, $pair, 0) or fail("limit $resource");
  }
}
sub powerless {
  my ($with_filter) = @_;
  call('prctl', 47, 4, 0, 0, 0);
  for my $capability (0 .. 63) { call('prctl', 24, $capability, 0, 0, 0) or last }
  if ($drop) {
    call('setgroups', 0, 0) or fail('drop groups');
    call('setresgid', $gid, $gid, $gid) or fail("become group $gid");
    call('setresuid', $uid, $uid, $uid) or fail("become user $uid");
  }
  my $header = pack 'L2', 0x20080522, 0;
  my $none = pack 'L6', (0) x 6;
  call('capset', $header, $none) or fail('drop capabilities');
  call('prctl', 38, 1, 0, 0, 0) or fail('no_new_privs');
  # Changing the user cleared what kills this process when autosd is killed.
  call('prctl', 1, 9, 0, 0, 0) or fail('parent death signal');
  if ($with_filter and defined $filter) {
    my $program = pack 'S x![P] P', length($filter) / 8, $filter;
    call('prctl', 22, 2, $program, 0, 0) or fail('system call filter');
  }
}
%ENV = %env;
sub said {
  my ($pipe) = @_;
  sysread $pipe, my $word, 1;
  return ($word || '') eq 'y';
}
sub started {
  pipe my $child_says, my $to_parent or fail('pipe');
  pipe my $parent_says, my $to_child or fail('pipe');
  my $child = fork;
  defined $child or fail('fork');
  if ($child) {
    close $to_parent;
    if (said($child_says)) {
      # The kernel counts processes per user namespace: without one of its own, a command would
      # share its limit with all other sandboxes of the machine.
      for my $map (["uid_map", $uid], ["gid_map", $gid]) {
        open my $file, '>', "/proc/$child/$$map[0]" or fail("open $$map[0]");
        defined syswrite $file, "$$map[1] $$map[1] 1\n" or fail("write $$map[0]");
      }
    }
    syswrite $to_child, 'y';
    return $child;
  }
  call('setsid');
  if (open my $score, '>', '/proc/self/oom_score_adj') { syswrite $score, '1000' }
  limited();
  syswrite $to_parent, $drop && call('unshare', 0x10000000) ? 'y' : 'n';
  close $to_child;
  said($parent_says) or fail('wait for process 1');
  powerless(1);
  chdir $cwd or fail("enter $cwd");
  { exec { $command[0] } @command if there($program) }
  note('not-started', "$program:", $! ? "$!" : 'not found');
  exit 127;
}
sub there {
  my ($name) = @_;
  return -f $name && -x _ if $name =~ m{/};
  $! = 2;
  return scalar grep { -f "$_/$name" && -x _ } split /:/, $ENV{PATH} || '';
}
my $main = started();
powerless(0);
call('prctl', 4, 0, 0, 0, 0);
$SIG{TERM} = sub { kill 'TERM', -1 };
$SIG{INT} = $SIG{HUP} = $SIG{QUIT} = 'IGNORE';
while (1) {
  my $ended = waitpid -1, 0;
  if ($ended == -1) { next if $! == 4; exit 125 }
  next unless $ended == $main;
  my $signal = $? & 127;
  note($signal ? ('signal', $signal) : ('exit', $? >> 8));
  exit($signal ? 128 + $signal : $? >> 8);
}
`;

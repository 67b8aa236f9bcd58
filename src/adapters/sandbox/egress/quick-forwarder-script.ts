/**
 * The forwarder in Perl, which starts in a tenth of the time that Node takes. It loads no module:
 * they would cost three times what Perl itself does, and a bare perl need not have them. Numbers and
 * layouts are those of Linux on the processors that Node runs on. It does as
 * `forwarder-script.ts` does and has no more rights than the command, but it does not stand above it:
 * once the port listens, a process of its own carries the connections, nobody's child but that of
 * the sandbox's first process, and this one becomes the command. Whatever the command waits for,
 * signals and ends with is then its own. The kernel ends the carrier with the sandbox.
 *
 * A connection holds at most 64 KiB in each direction; at most 128 are open at once.
 */
export const quickForwarderScript = String.raw`
my ($path, $port, @command) = @ARGV;
my ($held, $most) = (65_536, 128);
my ($unix, $internet, $stream, $socket_level, $reuse_address) = (1, 2, 1, 1, 2);
my ($set_flags, $non_blocking, $interrupted, $again) = (4, 2048, 4, 11);
sub refuse { print STDERR "sandbox: the egress port could not be opened: $!\n"; exit 125 }
socket(my $server, $internet, $stream, 0) or refuse();
setsockopt($server, $socket_level, $reuse_address, 1) or refuse();
bind($server, pack 'S n C4 x8', $internet, $port, 127, 0, 0, 1) or refuse();
listen($server, $most) or refuse();
fcntl($server, $set_flags, $non_blocking) or refuse();
my $first = fork;
defined $first or refuse();
if ($first) {
  close $server;
  waitpid $first, 0;
  exec { $command[0] } @command;
  print STDERR "sandbox: $command[0]: $!\n";
  exit 127;
}
# Orphaned at once: the command must not find a child that it did not start.
my $second = fork;
exit 0 if !defined $second or $second;
setpgrp;
open STDIN, '<', '/dev/null';
open STDOUT, '>', '/dev/null';
open STDERR, '>', '/dev/null';
$SIG{PIPE} = 'IGNORE';
$SIG{$_} = 'IGNORE' for qw(INT TERM HUP);
my (%handle, %peer, %waiting, %ended);
sub drop {
  for my $one (@_) {
    my $handle = delete $handle{$one} or next;
    delete $waiting{$one};
    delete $ended{$one};
    close $handle;
    drop(delete $peer{$one});
  }
}
sub connected {
  accept(my $client, $server) or return;
  socket(my $host, $unix, $stream, 0) or return;
  connect($host, pack 'S a108', $unix, $path) or return;
  for my $pair ([$client, $host], [$host, $client]) {
    my ($handle, $other) = @$pair;
    my $one = fileno $handle;
    fcntl($handle, $set_flags, $non_blocking);
    ($handle{$one}, $peer{$one}, $waiting{$one}) = ($handle, fileno $other, '');
  }
}
sub finish {
  my ($one) = @_;
  return unless $handle{$one} and $waiting{$one} eq '' and $ended{$peer{$one}};
  shutdown $handle{$one}, 1;
  drop($one) if $ended{$one} and $waiting{$peer{$one}} eq '';
}
while (1) {
  my ($readable, $writable) = ('', '');
  vec($readable, fileno $server, 1) = 1 if keys(%handle) < 2 * $most;
  for my $one (keys %handle) {
    vec($readable, $one, 1) = 1 if !$ended{$one} and length $waiting{$peer{$one}} < $held;
    vec($writable, $one, 1) = 1 if $waiting{$one} ne '';
  }
  next if select($readable, $writable, undef, undef) < 0;
  connected() if vec($readable, fileno $server, 1);
  for my $one (keys %handle) {
    next unless $handle{$one};
    if (vec($readable, $one, 1)) {
      my $got = sysread $handle{$one}, my $bytes, $held;
      if ($got) { $waiting{$peer{$one}} .= $bytes }
      elsif (defined $got) { $ended{$one} = 1; finish($peer{$one}) }
      elsif ($! != $again and $! != $interrupted) { drop($one) }
    }
    if ($handle{$one} and vec($writable, $one, 1)) {
      my $put = syswrite $handle{$one}, $waiting{$one};
      if (defined $put) { substr($waiting{$one}, 0, $put) = ''; finish($one) }
      elsif ($! != $again and $! != $interrupted) { drop($one) }
    }
  }
}
`;

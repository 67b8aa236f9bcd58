/**
 * The forwarder in Perl, which starts in a tenth of the time that Node takes. It does as
 * `forwarder-script.ts` does and has no more rights than the command, but it does not stand above it:
 * once the port listens, a process of its own carries the connections, nobody's child but that of
 * the sandbox's first process, and this one becomes the command. Whatever the command waits for,
 * signals and ends with is then its own. The kernel ends the carrier with the sandbox.
 *
 * A connection holds at most 64 KiB in each direction; at most 128 are open at once.
 */
export const quickForwarderScript = String.raw`
use strict;
use Socket;
use IO::Handle;
use POSIX ();
my ($path, $port, @command) = @ARGV;
my ($held, $most) = (65_536, 128);
sub refuse { print STDERR "sandbox: the egress port could not be opened: $!\n"; exit 125 }
socket(my $server, PF_INET, SOCK_STREAM, 0) or refuse();
setsockopt($server, SOL_SOCKET, SO_REUSEADDR, 1) or refuse();
bind($server, sockaddr_in($port, INADDR_LOOPBACK)) or refuse();
listen($server, $most) or refuse();
$server->blocking(0);
my $first = fork // refuse();
if ($first) {
  close $server;
  waitpid $first, 0;
  exec { $command[0] } @command;
  print STDERR "sandbox: $command[0]: $!\n";
  POSIX::_exit(127);
}
# Orphaned at once: the command must not find a child that it did not start.
my $second = fork;
POSIX::_exit(0) if !defined $second or $second;
open STDIN, '<', '/dev/null';
open STDOUT, '>', '/dev/null';
open STDERR, '>', '/dev/null';
POSIX::setsid();
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
  socket(my $host, PF_UNIX, SOCK_STREAM, 0) or return;
  connect($host, sockaddr_un($path)) or return;
  for my $pair ([$client, $host], [$host, $client]) {
    my ($handle, $other) = @$pair;
    my $one = fileno $handle;
    $handle->blocking(0);
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
      elsif (!$!{EAGAIN} and !$!{EINTR}) { drop($one) }
    }
    if ($handle{$one} and vec($writable, $one, 1)) {
      my $put = syswrite $handle{$one}, $waiting{$one};
      if (defined $put) { substr($waiting{$one}, 0, $put) = ''; finish($one) }
      elsif (!$!{EAGAIN} and !$!{EINTR}) { drop($one) }
    }
  }
}
`;

"""Becomes another program that is told to end when its parent ends.

Run by path, never imported: ``child.py PARENT UID GID SIGNAL PROGRAM ARGUMENT...``.
PARENT is the process id of the caller, SIGNAL the number of the signal that PROGRAM gets when the
thread that spawned it ends. It is a program of its own, because Python may run code between fork
and exec only in a process without other threads, and a dead server is restarted from a process
that has many.
"""

import ctypes
import os
import sys

# From <linux/prctl.h>.
PR_SET_PDEATHSIG = 1


def become(parent: int, uid: int, gid: int, signal_number: int, command: list[str]) -> None:
    """Give up root, tie this process to its parent, and become ``command``."""
    os.umask(0o077)
    if os.geteuid() != uid:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
        # Root's current folder may be closed to this user.
        os.chdir("/")
    # The kernel forgets this signal when the user changes, so it is set after that.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    # The parent may have ended before the signal was set; then nobody would ever send it.
    if os.getppid() != parent:
        sys.exit("error: the process that asked for this program has ended")
    os.execv(command[0], command)  # noqa: S606 - without a shell on purpose


if __name__ == "__main__":
    parent_pid, user, group, number = (int(argument) for argument in sys.argv[1:5])
    try:
        become(parent_pid, user, group, number, sys.argv[5:])
    except OSError as error:
        sys.exit(f"error: cannot run {sys.argv[5]} as user {user}: {error}")

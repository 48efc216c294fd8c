"""Network namespaces of a test. They need root."""
import contextlib
import ctypes
import os
import subprocess
import sys
import unittest

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def ip(*arguments):
    subprocess.run(("ip",) + arguments, check=True)


@contextlib.contextmanager
def inside(namespace):
    """Sockets opened and programs started here belong to the namespace for ever."""
    with open("/proc/self/ns/net") as home, open("/run/netns/" + namespace) as there:
        if LIBC.setns(there.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        try:
            yield
        finally:
            LIBC.setns(home.fileno(), CLONE_NEWNET)


def enter_own(test, name):
    """The test goes on in a namespace of its own, with loopback, until it ends."""
    namespace = "gslb-%s%d" % (name, os.getpid())
    ip("netns", "add", namespace)
    test.addCleanup(ip, "netns", "del", namespace)
    home = inside(namespace)
    home.__enter__()
    test.addCleanup(home.__exit__, None, None, None)
    ip("link", "set", "lo", "up")


def main():
    """unittest.main() for root; for others the test is skipped, and in CI it fails."""
    if os.geteuid() != 0:
        print("SKIPPED: network namespaces need root")
        sys.exit(1 if os.environ.get("CI") == "true" else 77)
    unittest.main()

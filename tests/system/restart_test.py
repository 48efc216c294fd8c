"""Ends and beginnings: what is kept, and when a server starts to answer."""
import os
import signal
import time

from lab import Lab, read, unittest

# A dead site takes this long to be noticed, so whoever knows of it at once has read it from the state folder.
SLOW = "{ http: /healthz, port: %d, interval: 3s, timeout: 3s, fall: 1, rise: 1 }"


class Restart(Lab):
    def test_verdicts_outlive_a_restart(self):
        sites = self.sites()
        sites["fra"].freeze()
        config = self.config(monitor=SLOW % self.site_port)
        server = self.gslbd(config)
        self.wait_answer("127.0.11.2", 15)
        self.assertEqual(server.stop(), 0)
        start = time.monotonic()
        server = self.gslbd(config)
        self.assertLess(time.monotonic() - start, 2.5, "with stored state it does not wait for the first probes")
        for _ in range(20):
            self.assertEqual(self.answer(), ["127.0.11.2"])

    def test_without_stored_state_nothing_is_answered_before_the_first_verdicts(self):
        sites = self.sites()
        sites["fra"].freeze()
        start = time.monotonic()
        self.gslbd(self.config(monitor=SLOW % self.site_port))
        self.assertGreater(time.monotonic() - start, 2.5)
        self.assertEqual(self.answer(), ["127.0.11.2"])

    def test_a_broken_state_folder_is_said_and_does_not_stop_the_server(self):
        self.sites()
        os.makedirs(os.path.join(self.folder, "state"))
        server = self.gslbd()
        self.wait_answer("127.0.11.1", 10)
        self.assertEqual(server.stop(), 0)
        for folder, _, names in os.walk(os.path.join(self.folder, "state")):
            for name in names:
                with open(os.path.join(folder, name), "r+b") as f:
                    f.write(b"\xff" * 64)
        server = self.gslbd()
        self.wait_answer("127.0.11.1", 10)
        self.assertIn("state", read(server.log))

    def test_sigterm_and_sigint_end_it_with_status_0_in_time(self):
        self.sites()
        for number in (signal.SIGTERM, signal.SIGINT):
            server = self.gslbd()
            start = time.monotonic()
            server.signal(number)
            self.assertEqual(server.process.wait(10), 0)
            self.assertLess(time.monotonic() - start, 5)

    def test_a_port_in_use_is_said_in_one_sentence(self):
        self.sites()
        self.gslbd()
        other = os.path.join(self.folder, "other")
        os.makedirs(other)
        first, self.folder = self.folder, other
        try:
            second = self.gslbd(wait=False)
        finally:
            self.folder = first
        self.assertNotEqual(second.process.wait(15), 0)
        self.assertRegex(read(second.log), r"already listens on 127\.0\.0\.1:%d" % self.port)


if __name__ == "__main__":
    unittest.main()

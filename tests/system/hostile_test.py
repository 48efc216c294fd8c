"""Legitimate clients among hostile connections: a small tests/bench/hostile, with bounds that a busy machine keeps."""
import json
import os
import subprocess
import sys

from lab import BIN, ROOT, unittest


class Hostile(unittest.TestCase):
    def test_legitimate_clients_get_every_answer_among_connections_of_four_hostile_kinds(self):
        command = [sys.executable, "-B", os.path.join(ROOT, "tests", "bench", "hostile")]
        command += ["--gslbd", os.path.join(BIN, "gslbd"), "--trials", "1", "--seconds", "3", "--hostile", "2000"]
        command += ["--connections", "300"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
        lines = done.stdout.splitlines()
        self.assertTrue(lines and lines[-1].startswith("{"), done.stdout + done.stderr)
        for trial in json.loads(lines[-1])["trials"]:
            for transport in ("tcp", "dot"):
                figures = trial["hostile"][transport]
                self.assertEqual(figures["failures"], 0, figures)
                self.assertGreater(figures["answers"], 20)
                self.assertLess(figures["p50_ms"], 1000)
            self.assertGreater(trial["hostile"]["udp"]["answers"], 0.9 * trial["quiet"]["udp"]["answers"])


if __name__ == "__main__":
    unittest.main()

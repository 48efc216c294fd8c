"""gslbd, NSD and Knot DNS serve the same static zones and are asked the same generated questions. What differs is one
of the named rules of differential/rules.py, each with its reason. `tests/long differential` asks 100,000."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "differential"))

from run import Run, describe  # noqa: E402


class SameZones(unittest.TestCase):
    def findings(self, count, spoil=lambda text: text, seed=1):
        with tempfile.TemporaryDirectory(prefix="gslb-differential-") as folder, Run(folder, spoil) as run:
            for index in range(count):
                run.ask(seed, index)
        for peer, counts in run.counts.items():
            print("%s: %s" % (peer, ", ".join("%s %d" % pair for pair in counts.most_common())))
        return run.findings

    def test_every_difference_from_nsd_and_knot_is_explained(self):
        findings = self.findings(5000)
        self.assertEqual(findings, [], "\n".join(describe(f) for f in findings[:5]))

    def test_a_wrong_record_a_missing_name_and_a_wrong_ttl_are_noticed(self):
        for right, wrong in (
            ("ns.child A 192.0.2.110", "ns.child A 192.0.2.119"),
            ("known.wild A 192.0.2.78\n", ""),
            ("@ 120 A 192.0.2.1", "@ 121 A 192.0.2.1"),
        ):
            with self.subTest(right):
                self.assertGreater(len(self.findings(1500, lambda text: text.replace(right, wrong))), 0)


if __name__ == "__main__":
    unittest.main()

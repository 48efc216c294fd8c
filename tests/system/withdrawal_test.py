"""A failed endpoint leaves the answers of three name servers alike in time. tests/bench/withdrawal has the tight bound.

Needs root.
"""
import random

from namespaces import main
from withdrawal import Withdrawal


class InTime(Withdrawal):
    services = 5

    def test_an_endpoint_that_refuses_or_is_silent_leaves_every_name_servers_answers(self):
        randomly = random.Random(1)
        for kind in ("refusing", "silent"):
            with self.subTest(kind):
                taken = self.round(kind, randomly)
                self.assertEqual(len(taken), self.services * len(self.nodes))
                # Loose: other tests run beside this one.
                self.assertLess(max(taken), self.bound(kind) + 3)
                self.assertGreater(min(taken), (2 - 1) * self.interval)


if __name__ == "__main__":
    main()

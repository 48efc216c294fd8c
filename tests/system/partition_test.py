"""Three name servers and two probers judge four sites together, in network namespaces: what is cut, and what is dead.

Needs root.
"""
from many_places import ManyPlaces
from namespaces import main


class Partition(ManyPlaces):
    def test_a_dead_site_is_left_by_all_name_servers_and_returned_to(self):
        self.wait_answers("fra")
        self.kill_site("fra")
        self.wait_answers("iad")
        self.start_site("fra")
        self.wait_answers("fra")

    def test_a_link_cut_between_one_vantage_and_a_site_moves_nobody(self):
        self.wait_answers("fra")
        self.part("iad-1", "fra")
        self.stays("fra", 5)
        self.kill_site("fra")
        self.wait_answers("iad")

    def test_the_dead_site_held_a_vantage(self):
        self.wait_answers("fra")
        self.cut("fra-1")
        self.cut("fra")
        self.wait_answers("iad", nodes=["iad-1", "gru-1"])

    def test_a_vantage_that_is_cut_off_from_everything_withdraws_nothing(self):
        self.wait_answers("fra")
        self.cut("gru-1")
        self.stays("fra", 5, ["gru-1"])
        self.heal("gru-1")
        self.wait_answers("fra")

    def test_without_a_quorum_nothing_is_withdrawn_in_a_hurry(self):
        self.wait_answers("fra")
        for name in ("nrt-1", "syd-1", "gru-1"):
            self.members[name].stop()
        iad = self.members["iad-1"]
        self.wait_for(lambda: not iad.hears("syd-1") and not iad.hears("gru-1"), 20, "three of five are missed")
        self.kill_site("fra")
        self.stays("fra", 5, ["fra-1", "iad-1"])


if __name__ == "__main__":
    main()

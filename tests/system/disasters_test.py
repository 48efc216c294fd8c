"""Outages that others had, among three name servers with an etcd member each, two probers and four sites.

Each is named for what happened; `docs/health.md` says which rule answers it. Needs root.
"""
import base64
import json
import os
import shutil
import time
import urllib.error
import urllib.request

from lab import Process
from many_places import ManyPlaces
from namespaces import inside, main

# Patient: a busy machine must not look like a dead site, which would use up the pace.
PATIENT = "{ http: /healthz, port: 80, interval: 400ms, timeout: 350ms, fall: 3, rise: 2, alone_after: 6s }"


class Stored(ManyPlaces):
    """Each name server's machine holds a member of the store."""

    monitor = PATIENT
    quota = 64 << 20  # octets of a store

    def setUp(self):
        self.more = "rate_limit: none\netcd: { endpoints: [%s] }\n" % ", ".join(
            "'192.0.2.%d:2379'" % (i + 1) for i in range(len(self.nodes))
        )
        self.stores = {}
        super().setUp()
        for node in self.nodes:
            self.wait_for(lambda m=self.members[node]: self.reads_the_store(m), 30, node + " reads the store")

    def start(self, *names):
        for node in self.nodes:
            self.start_store(node)
        super().start(*names)

    def start_store(self, node):
        url = "http://%s:" % self.addresses[node]
        cluster = ",".join("%s=http://%s:2380" % (name, self.addresses[name]) for name in self.nodes)
        command = ["etcd", "--name", node, "--data-dir", os.path.join(self.folder, "etcd-" + node), "--log-level"]
        command += ["error", "--listen-client-urls", url + "2379", "--advertise-client-urls", url + "2379"]
        command += ["--quota-backend-bytes", str(self.quota)]
        command += ["--listen-peer-urls", url + "2380", "--initial-advertise-peer-urls", url + "2380"]
        with inside(self.tag + node):
            self.stores[node] = self.run_process(
                Process(self.folder, "etcd-" + node, [*command, "--initial-cluster", cluster])
            )

    def reads_the_store(self, member):
        store = member.status().get("store")
        return bool(store) and store["read"] is not None and store["read"] < 10 and not store["problem"]

    def in_store(self):
        """-> the orders in the store, as it says them"""
        key, end = (base64.b64encode(text).decode() for text in (b"/gslb/orders/", b"/gslb/orders0"))
        request = json.dumps({"key": key, "range_end": end}).encode()
        with inside(self.tag + "fra-1"), urllib.request.urlopen("http://192.0.2.1:2379/v3/kv/range", request) as answer:
            return json.load(answer)

    def stored_orders(self, having=""):
        """How many there are in the store."""
        values = [base64.b64decode(kv["value"]).decode() for kv in self.in_store().get("kvs", [])]
        return sum(having in value for value in values)


class WithStore(Stored):
    def test_the_dead_site_held_a_vantage_and_a_member_of_the_store(self):
        self.wait_answers("fra")
        self.cut("fra-1")
        self.cut("fra")
        self.wait_answers("iad", nodes=["iad-1", "gru-1"])
        for node in ("iad-1", "gru-1"):
            self.wait_for(lambda m=self.members[node]: self.reads_the_store(m), 40, node + " reads the store again")

    def test_without_the_store_failover_takes_as_long_as_with_it(self):
        self.wait_answers("fra")
        self.kill_site("fra")
        with_it = self.wait_answers("iad")
        self.start_site("fra")
        self.wait_answers("fra")
        for store in self.stores.values():
            store.stop()
        for node in self.nodes:
            member = self.members[node]
            self.wait_for(lambda m=member: not self.reads_the_store(m), 40, node + " misses the store")
        self.kill_site("fra")
        without_it = self.wait_answers("iad")
        self.assertLess(without_it, with_it + 2)

    def test_a_store_that_was_wiped_changes_no_answer(self):
        self.wait_answers("fra")
        for node, store in self.stores.items():
            store.stop()
            shutil.rmtree(os.path.join(self.folder, "etcd-" + node))
        for node in self.nodes:
            self.start_store(node)
        self.wait_for(
            lambda: all((self.members[n].status().get("store") or {}).get("problem") for n in self.nodes),
            60,
            "every name server refuses the wiped store",
        )
        self.stays("fra", 2)
        self.kill_site("fra")
        self.wait_answers("iad")

    def test_a_store_that_was_rolled_back_changes_no_answer(self):
        self.wait_answers("fra")
        self.keep_store("old")
        drained = self.members["fra-1"].ctl("drain", "fra", "--for", "1h", "--reason", "test")
        self.assertEqual(drained.returncode, 0, drained.stderr)
        self.wait_answers("iad")
        self.wait_for(lambda: self.stored_orders() == 1, 20, "the store has the order")
        reached = self.in_store()["header"]["revision"]
        read = lambda node: self.members[node].status()["store"]["revision"] >= int(reached)
        self.wait_for(lambda: all(read(node) for node in self.nodes), 30, "all have read it there")
        self.restore_store("old")
        refused = lambda node: "rolled back" in (self.members[node].status().get("store") or {}).get("problem", "")
        self.wait_for(lambda: all(refused(node) for node in self.nodes), 60, "every name server refuses the old copy")
        self.stays("iad", 2)
        for node in self.nodes:
            self.assertEqual(self.members[node].ctl("store", "accept").returncode, 0)
        self.wait_for(lambda: self.stored_orders() == 1, 30, "they bring their orders to it")
        self.stays("iad", 1)

    def keep_store(self, name):
        for node, store in self.stores.items():
            store.stop()
            shutil.copytree(os.path.join(self.folder, "etcd-" + node), os.path.join(self.folder, name + node))
        for node in self.nodes:
            self.start_store(node)

    def restore_store(self, name):
        for node, store in self.stores.items():
            store.stop()
            shutil.rmtree(os.path.join(self.folder, "etcd-" + node))
            os.rename(os.path.join(self.folder, name + node), os.path.join(self.folder, "etcd-" + node))
        for node in self.nodes:
            self.start_store(node)

    def test_a_writer_that_was_paused_for_long_brings_nothing_old_back(self):
        """AWS, 2025: a delayed writer put an old plan over a newer one."""
        fra, gru = self.members["fra-1"], self.members["gru-1"]
        self.wait_answers("fra")
        drained = fra.ctl("drain", "fra", "--for", "1h", "--reason", "test")
        self.assertEqual(drained.returncode, 0, drained.stderr)
        self.wait_answers("iad")
        self.wait_for(lambda: self.stored_orders() == 1, 20, "the store has the order")
        gru.freeze()
        self.wait_for(lambda: not self.members["iad-1"].hears("gru-1"), 20, "the paused one is missed")
        undrained = fra.ctl("undrain", "fra")
        self.assertEqual(undrained.returncode, 7, "on two of three: " + undrained.stdout)
        self.wait_answers("fra", nodes=["fra-1", "iad-1"])
        self.wait_for(lambda: self.stored_orders("ended") == 1, 20, "the store has its end")
        # Meanwhile a site dies, and reports get older than they are believed.
        self.kill_site("fra")
        self.wait_answers("iad", nodes=["fra-1", "iad-1"])
        time.sleep(6)
        gru.thaw()
        end = time.monotonic() + 8
        while time.monotonic() < end:
            for node in ("fra-1", "iad-1"):
                self.assertEqual(self.answers(node), [self.places["iad"]], node)
        self.wait_answers("iad")
        self.start_site("fra")
        self.wait_answers("fra", 30)
        self.assertEqual(self.stored_orders("ended"), 1)


class FullStore(Stored):
    quota = 1 << 20

    def test_a_store_that_is_full_delays_no_order(self):
        self.wait_answers("fra")
        request = {"key": base64.b64encode(b"/other/data").decode(), "value": base64.b64encode(b"x" * 65536).decode()}
        for _ in range(100):
            try:
                with inside(self.tag + "fra-1"):
                    urllib.request.urlopen("http://192.0.2.1:2379/v3/kv/put", json.dumps(request).encode()).close()
            except urllib.error.HTTPError as refusal:
                self.assertIn(b"space exceeded", refusal.read())
                break
        else:
            self.fail("the store never fills up")
        drained = self.members["fra-1"].ctl("drain", "fra", "--for", "1h", "--reason", "test")
        self.assertEqual(drained.returncode, 0, drained.stderr)
        self.wait_answers("iad", 5)
        self.kill_site("iad")
        self.wait_answers("gru")


class EverySite(ManyPlaces):
    monitor = PATIENT
    defaults = "pace: 1s, "  # so that all leave while the test looks on

    def test_where_every_site_seems_dead_everybody_gets_an_answer(self):
        """Facebook, 2021: the name servers found their own sites dead, and took themselves away."""
        self.wait_answers("fra")
        for site in self.places:
            self.kill_site(site)
        gone = "all sites are down to all name servers"
        self.wait_for(lambda: all(self.answers(n) and self.sites_up(n) == 0 for n in self.nodes), 60, gone)
        for node in self.nodes:
            self.assertEqual(self.answers(node), [self.places["fra"]], "the first of the policy, as if all were up")
        self.start_site("iad")
        self.wait_answers("iad")

    def answers(self, node):
        """As before, and never none."""
        out = super().answers(node)
        self.assertNotEqual(out, [], node)
        return out

    def sites_up(self, node):
        return sum(site["up"] for site in self.members[node].status().get("sites", []))


class WithoutStore(ManyPlaces):
    monitor = PATIENT

    def test_three_of_five_vantages_are_dead_then_a_site(self):
        self.wait_answers("fra")
        for name in ("nrt-1", "syd-1", "gru-1"):
            self.members[name].stop()
        iad = self.members["iad-1"]
        self.wait_for(lambda: not iad.hears("syd-1") and not iad.hears("gru-1"), 20, "three of five are missed")
        self.kill_site("fra")
        # Those that are left wait, and then go without the others: alone_after.
        self.stays("fra", 2, ["fra-1", "iad-1"])
        self.wait_answers("iad", 30, ["iad-1"])


class TwoSites(ManyPlaces):
    """Two sites, and a name server in each: the smallest that can fail over."""

    nodes = {"fra-1": "fra", "iad-1": "iad"}
    probers = {}
    places = {"fra": "192.0.2.101", "iad": "192.0.2.102"}
    monitor = PATIENT

    def test_one_of_two_sites_dies_with_its_vantage(self):
        self.wait_answers("fra")
        self.cut("fra-1")
        self.cut("fra")
        self.wait_answers("iad", nodes=["iad-1"])
        self.heal("fra-1")
        self.heal("fra")
        self.wait_answers("fra", 30)

    def test_the_line_between_them_is_cut(self):
        """Each goes on with what it sees; nobody answers with nothing."""
        self.wait_answers("fra")
        for one in ("fra", "fra-1"):
            for other in ("iad", "iad-1"):
                self.part(one, other)
        end = time.monotonic() + 6
        while time.monotonic() < end:
            self.assertEqual(self.answers("fra-1"), [self.places["fra"]])
            self.assertNotEqual(self.answers("iad-1"), [])


if __name__ == "__main__":
    main()

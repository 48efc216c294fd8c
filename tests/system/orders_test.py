"""What people order: it wins over probes at once, is remembered, ends, and is told of."""
import json
import os
import re
import shlex
import signal
import subprocess

from lab import BIN, ROOT, Lab, read, unittest

SERVICES = """    services:
      www:
        assert: at least 1 other site is up
        endpoints: { fra: 127.0.11.1, iad: 127.0.11.2, gru: 127.0.11.3 }"""


class Orders(Lab):
    def start(self, more=""):
        self.all_sites = self.sites()
        self.server = self.gslbd(self.config(zones=SERVICES) + more)
        self.wait_answer("127.0.11.1", 10)
        return self.server

    def ctl(self, *arguments, exit=0, json_wanted=False):
        done = self.server.ctl(*arguments, json=json_wanted)
        self.assertEqual(done.returncode, exit, done.stdout + done.stderr)
        return json.loads(done.stdout) if json_wanted else done.stdout + done.stderr

    def drain(self, whom="fra", *more, exit=0):
        return self.ctl("drain", whom, "--for", "1h", "--reason", "kernel update", *more, exit=exit)

    def test_a_drain_takes_a_site_out_at_once_and_is_listed(self):
        self.start()
        said = self.drain()
        self.assertEqual(self.answer(), ["127.0.11.2"], "as soon as gslbctl returns")
        self.assertIn("took effect on 1 of 1 node", said)
        listed = self.ctl("orders", json_wanted=True)["orders"]
        self.assertEqual([(o["kind"], o["scope"], o["reason"]) for o in listed], [("drain", "fra", "kernel update")])
        self.assertTrue(listed[0]["author"])
        self.assertIn("drained by", self.ctl("states", "www"))
        why = self.ctl("explain", "www.gslb.example.org", "A", "--client", "198.51.100.1")
        self.assertIn("kernel update", why)
        self.ctl("undrain", "fra")
        self.wait_answer("127.0.11.1", 10)
        self.assertIn("no order holds", self.ctl("orders"))

    def test_orders_outlive_a_kill(self):
        self.start()
        self.drain()
        self.server.signal(signal.SIGKILL)
        self.server.process.wait()
        self.server = self.gslbd(self.config(zones=SERVICES))
        for _ in range(20):
            self.assertEqual(self.answer(), ["127.0.11.2"])
        self.assertIn("kernel update", self.ctl("orders"))
        self.ctl("orders", "end", "1")
        self.wait_answer("127.0.11.1", 10)

    def test_a_damaged_file_of_orders_is_set_aside_and_said(self):
        self.start()
        self.drain()
        self.assertEqual(self.server.stop(), 0)
        path = os.path.join(self.folder, "state", "orders.json")
        with open(path, "r+b") as f:
            f.truncate(40)
        self.server = self.gslbd(self.config(zones=SERVICES))
        self.wait_answer("127.0.11.1", 10)
        self.assertIn("not obeyed", self.ctl("status"))
        self.assertTrue(os.path.exists(path + ".damaged"))

    def test_after_an_order_has_expired_the_site_comes_back_through_slow_start(self):
        self.all_sites = self.sites()
        config = self.config(zones=SERVICES, policy="[weighted, take: 1]").replace("slowstart: 0s", "slowstart: 1h")
        self.server = self.gslbd(config)
        self.wait_for(lambda: "3 of 3 up" in self.ctl("states", "www"), 10, "all are up")
        self.ctl("drain", "fra", "--for", "1s", "--reason", "short")
        weight = lambda: next(
            e["weight"]
            for e in self.ctl("states", "www", json_wanted=True)["services"][0]["endpoints"]
            if e["site"] == "fra"
        )
        self.assertEqual(weight(), 0)
        self.wait_for(lambda: weight() > 0, 10, "it comes back")
        self.assertLess(weight(), 0.2)
        self.assertIn("has expired", self.ctl("events"))

    def test_forced_up_and_forced_down_win_over_the_probes(self):
        self.start()
        self.all_sites["fra"].stop()
        self.wait_answer("127.0.11.2", 10)
        self.ctl("force", "up", "127.0.11.1", "--for", "1h", "--reason", "the page lies")
        self.assertEqual(self.answer(), ["127.0.11.1"])
        self.ctl("force", "down", "www/fra", "--forever", "--reason", "no, it does not")
        self.assertEqual(self.answer(), ["127.0.11.2"], "down beats up")
        self.ctl("force", "auto", "www/fra")
        self.wait_answer("127.0.11.1", 10)
        self.ctl("force", "auto", "127.0.11.1")
        self.wait_answer("127.0.11.2", 10)

    def test_a_safety_rule_refuses_and_force_overrules_it(self):
        self.start()
        self.drain("iad")
        self.drain("gru")
        said = self.drain("fra", exit=5)
        self.assertIn("at least 1 other site is up", said)
        self.assertIn("iad is drained", said)
        self.assertEqual(self.answer(), ["127.0.11.1"])
        self.drain("fra", "--force")
        self.assertIn("against a safety rule", self.ctl("orders"))
        self.assertEqual(self.answer(), ["127.0.11.1"], "the last resort: all are drained, and the best of them answers")
        self.assertIn("last resort", self.ctl("states", "www"))

    def test_a_dry_run_says_who_would_move_and_does_nothing(self):
        self.start()
        said = self.ctl("drain", "fra", "--dry-run")
        self.assertIn("fra -> iad 100.0 %", said)
        self.assertEqual(self.answer(), ["127.0.11.1"])
        self.assertIn("no order holds", self.ctl("orders"))

    def test_a_drain_waits_until_it_is_safe(self):
        self.start()
        said = self.drain("fra", "--wait")
        self.assertIn("safe to work", said)

    def test_automation_off_holds_the_verdicts_of_the_moment(self):
        self.start()
        self.ctl("automation", "off", "--for", "1h", "--reason", "network work")
        self.all_sites["fra"].stop()
        self.wait_for(lambda: "2 of 3 up" in self.ctl("states", "www"), 10, "the probes notice")
        self.assertEqual(self.answer(), ["127.0.11.1"])
        self.drain("fra")
        self.assertEqual(self.answer(), ["127.0.11.2"], "orders hold all the same")
        self.ctl("undrain", "fra")
        self.ctl("automation", "on")
        self.wait_answer("127.0.11.2", 10)

    def test_observed_services_are_judged_and_answered_as_if_up(self):
        self.all_sites = self.sites()
        self.server = self.gslbd(self.config(zones=SERVICES).replace("ttl: 5s,", "ttl: 5s, automation: observe,"))
        self.wait_answer("127.0.11.1", 10)
        self.all_sites["fra"].stop()
        self.wait_for(lambda: "2 of 3 up" in self.ctl("states", "www"), 10, "the probes notice")
        self.assertIn("observed only", self.ctl("states", "www"))
        self.assertEqual(self.answer(), ["127.0.11.1"])

    def test_events_show_the_outcomes_behind_a_verdict(self):
        self.start()
        self.all_sites["fra"].stop()
        self.wait_answer("127.0.11.2", 10)
        events = self.ctl("events", "--site", "fra", json_wanted=True)["events"]
        fell = [e for e in events if e["kind"] == "verdict" and e["address"] == "127.0.11.1"][-1]
        self.assertIn("is down", fell["what"])
        self.assertEqual([one["ok"] for one in fell["evidence"]][-2:], [False, False])
        self.assertTrue(any(one["ok"] for one in fell["evidence"]), "and the last that passed")
        self.assertTrue(all(one["phase"] for one in fell["evidence"]))
        self.assertTrue(any(one["times"].get("connect") for one in fell["evidence"]), "and how long each phase took")

        def what_came_then():
            found = self.ctl("events", "--site", "fra", json_wanted=True)["events"]
            return next(e["after"] for e in found if e["id"] == fell["id"])

        self.wait_for(lambda: len(what_came_then()) == 3, 10, "three more outcomes are there")
        self.assertEqual([one["ok"] for one in what_came_then()], [False] * 3)
        self.assertEqual(self.ctl("events", "--site", "nowhere"), "")
        self.assertEqual(self.server.stop(), 0)
        self.server = self.gslbd(self.config(zones=SERVICES))
        self.assertIn("127.0.11.1 is down", self.ctl("events", "--service", "www"))

    def test_a_probe_on_demand_shows_phase_and_outcome_and_changes_nothing(self):
        self.start()
        passed = self.ctl("probe", "www/fra", json_wanted=True)["probes"]
        self.assertEqual([(p["vantage"], p["address"], p["ok"]) for p in passed], [("here", "127.0.11.1", True)])
        self.all_sites["gru"].stop()
        failed = self.ctl("probe", "127.0.11.3", exit=1)
        self.assertIn("connect", failed)
        self.ctl("probe", "198.51.100.77", exit=1)

    def test_the_commands_of_the_document_do_what_it_says(self):
        self.start()
        blocks = re.findall(r"```sh\n(.*?)```", read(os.path.join(ROOT, "docs", "orders.md")), re.DOTALL)
        commands = [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]
        self.assertGreater(len(commands), 6)
        for program, *arguments in commands:
            self.assertEqual(program, "gslbctl")
            if "--follow" in arguments:
                follower = subprocess.Popen([os.path.join(BIN, program), "--socket", self.server.socket, *arguments])
                self.ctl("events")  # it may be anywhere in its work when it is told to end
                follower.send_signal(signal.SIGTERM)
                self.assertIn(follower.wait(10), (0, -signal.SIGTERM))
            else:
                self.ctl(*arguments)

    def test_what_is_missing_or_unknown_is_said(self):
        self.start()
        self.assertIn("--for 2h, or --forever", self.ctl("drain", "fra", "--reason", "x", exit=2))
        self.assertIn("--reason", self.ctl("drain", "fra", "--for", "1h", exit=2))
        self.assertIn('did you mean "fra"', self.drain("fraa", exit=1))
        self.assertIn("no such order holds", self.ctl("undrain", "fra", exit=1))
        self.assertIn("there is no order 77", self.ctl("orders", "end", "77", exit=1))

    def test_one_node_that_cannot_be_told_makes_the_whole_partial(self):
        self.start()
        nowhere = os.path.join(self.folder, "nowhere.sock")
        said = self.drain("fra", "--server", self.server.socket, "--server", nowhere, exit=7)
        self.assertIn("took effect on 1 of 2 nodes", said)
        self.assertIn("not on " + nowhere, said)
        self.assertEqual(self.answer(), ["127.0.11.2"])
        self.assertIn("kernel update", read(self.server.log))


if __name__ == "__main__":
    unittest.main()

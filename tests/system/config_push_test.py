"""Another configuration for name servers: tried at one, watched, taken back or brought to all."""
import json
import os
import signal
import subprocess
import threading
import unittest

import dns.exception

from lab import BIN, Gslbd, Lab, addresses, ask, free_port

SERVICES = "    services: { www: { endpoints: { fra: 127.0.13.1, iad: 127.0.13.2 } } }"


class Pushing(Lab):
    more = ""

    def setUp(self):
        super().setUp()
        self.site("fra", "127.0.13.1")
        self.site("iad", "127.0.13.2")

    def node(self, name):
        os.mkdir(self.path(name))
        port = free_port()
        text = self.config(zones=SERVICES, policy="[priority: [fra, iad], take: 1]", more=self.more)
        text = text.replace(self.folder, self.path(name)).replace(":%d" % self.port, ":%d" % port)
        return self.run_process(Gslbd(self.path(name), text, port))

    def another(self, order="iad, fra", monitor=None, more=""):
        """-> a changed configuration, in a folder of its own"""
        folder = self.path("new")
        os.makedirs(folder, exist_ok=True)
        text = self.config(zones=SERVICES, policy="[priority: [%s], take: 1]" % order, more=more, monitor=monitor)
        # A machine's own keys stay: this state directory and socket are nobody's.
        with open(os.path.join(folder, "gslb.yaml"), "w") as f:
            f.write(text)
        return os.path.join(folder, "gslb.yaml")

    def push(self, nodes, file, *words, soak="2s"):
        command = [os.path.join(BIN, "gslbctl"), "config", "push", file, "--yes", "--soak", soak, "--reason", "test"]
        for node in nodes:
            command += ["--server", node.socket]
        done = subprocess.run([*command, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
        return done

    def leads(self, site, *nodes):
        address = {"fra": "127.0.13.1", "iad": "127.0.13.2"}[site]

        def answer(node):
            try:
                return addresses(ask(node.port, "www.gslb.example.org", timeout=1))
            except (OSError, dns.exception.DNSException):
                return []

        return all(answer(node) == [address] for node in nodes)

    def shown(self, node):
        return json.loads(node.ctl("config", "show", json=True).stdout)



class ConfigPush(Pushing):
    def test_one_server_tries_it_and_then_all_run_it(self):
        one, two = self.node("one"), self.node("two")
        self.wait_for(lambda: self.leads("fra", one, two), 20, "both lead to fra")
        file = self.another()

        dry = self.push([one], file, "--dry-run")
        self.assertEqual(dry.returncode, 0, dry.stderr)
        self.assertIn("100 % of IPv4 addresses, 100 % of IPv6 addresses move", dry.stdout)
        self.assertTrue(self.leads("fra", one, two))
        held = self.push([one], file, "--max-move", "5%")
        self.assertEqual(held.returncode, 5, held.stderr)
        self.assertIn("more moves than allowed", held.stderr)
        self.assertNotIn("--force", held.stderr, "which would not help")
        self.assertIn("refused at %s, nothing was changed" % one.socket, held.stderr)
        self.assertEqual(self.push([one], file, "--max-move", "200%").returncode, 2)

        done = self.push([one, two], file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(one.socket + ": kept", done.stdout)
        self.assertIn(two.socket + ": runs it", done.stdout)
        self.assertTrue(self.leads("iad", one, two))
        self.assertEqual(self.shown(one)["hash"], self.shown(two)["hash"])
        self.assertEqual(self.shown(one)["reason"], "test")

        # It is what the next start finds, until somebody edits the machine's own files, or goes back to them.
        one.stop()
        one.start()
        self.wait_for(lambda: self.leads("iad", one), 20, "it outlives the server")
        with open(one.config, "a") as f:
            f.write("tests: []\n")
        self.assertEqual(one.ctl("reload").returncode, 0)
        self.assertTrue(self.leads("fra", one))
        self.assertIn("they were edited", one.ctl("events").stdout)
        self.assertEqual(two.ctl("config", "leave", "--reason", "test").returncode, 0)
        self.assertTrue(self.leads("fra", two))
        self.assertEqual(self.shown(two)["pushed"], "")
        self.assertEqual(two.ctl("config", "leave").returncode, 5)

    def test_what_does_harm_is_taken_back_and_nobody_else_is_told(self):
        one, two = self.node("one"), self.node("two")
        self.wait_for(lambda: self.leads("fra", one, two), 20, "both lead to fra")
        silent = "{ tcp: %d, interval: 200ms, timeout: 150ms, fall: 2 }" % free_port()
        done = self.push([one, two], self.another("fra, iad", monitor=silent), soak="60s")
        self.assertEqual(done.returncode, 5, done.stdout + done.stderr)
        self.assertIn("rolled back: www.gslb.example.org answers as if all were up", done.stderr)
        self.assertIn("nobody else was told", done.stderr)
        self.wait_for(lambda: self.leads("fra", one, two), 10, "all is as before")
        self.assertEqual(self.shown(one)["pushed"], "")
        self.assertIn("rolled back", one.ctl("events").stdout)

    def test_clients_that_go_where_nobody_predicted_take_it_back(self):
        one = self.node("one")
        self.wait_for(lambda: self.leads("fra", one), 20, "it leads to fra")
        ended = threading.Event()

        def clients():
            while not ended.is_set():
                self.leads("fra", one)

        asking = [threading.Thread(target=clients) for _ in range(2)]
        for thread in asking:
            thread.start()
        try:
            answers = lambda: sum(site["answers"] for site in json.loads(one.ctl("status", json=True).stdout)["sites"])
            self.wait_for(lambda: answers() > 2000, 60, "there are enough answers to compare with")
            # Only one site has what this asks for: the other's clients move to it, though the policy is the same.
            self.site_port, other = free_port(), self.site_port
            self.site("elsewhere", "127.0.13.2")
            self.site_port, asked = other, self.site_port
            new = "{ http: /healthz, port: %d, interval: 200ms, timeout: 150ms, fall: 2, rise: 2 }" % asked
            done = self.push([one], self.another("fra, iad", monitor=new), soak="60s")
        finally:
            ended.set()
            for thread in asking:
                thread.join()
        self.assertEqual(done.returncode, 5, done.stdout + done.stderr)
        self.assertIn("of the answers go to other sites, and 0.0 % were predicted", done.stderr)
        # Its targets are probed anew, one a moment before the other.
        self.wait_for(lambda: self.leads("fra", one), 10, "it is as before")

    def test_a_mistake_is_refused_where_it_stands(self):
        one = self.node("one")
        self.wait_for(lambda: self.leads("fra", one), 20, "it leads to fra")
        file = self.another()
        with open(file, "a") as f:
            f.write("monitors: { web: {} }\n")
        refused = self.push([one], file)
        self.assertEqual(refused.returncode, 4, refused.stderr)
        self.assertIn("gslb.yaml:", refused.stderr)
        failing = self.another(more="tests: [{ ask: www.gslb.example.org, client: 192.0.2.1, answer: 127.0.13.1 }]")
        refused = self.push([one], failing)
        self.assertEqual(refused.returncode, 5, refused.stderr)
        self.assertIn("127.0.13.2", refused.stderr)
        self.assertIn("--force pushes in spite of that", refused.stderr)
        self.assertTrue(self.leads("fra", one))

    def test_a_server_that_dies_of_a_trial_comes_back_with_what_ran_before(self):
        one = self.node("one")
        self.wait_for(lambda: self.leads("fra", one), 20, "it leads to fra")
        pushing = subprocess.Popen(
            [os.path.join(BIN, "gslbctl"), "--socket", one.socket, "config", "push", self.another(), "--yes"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.addCleanup(pushing.kill)
        self.wait_for(lambda: self.leads("iad", one), 20, "it is on trial")
        self.assertGreater(self.shown(one)["soak_left"], 200)
        one.signal(signal.SIGKILL)
        one.process.wait()
        one.start()
        self.wait_for(lambda: self.leads("fra", one), 20, "it is as before")


class ThroughTheStore(Pushing):
    def setUp(self):
        super().setUp()
        client = free_port()
        self.etcd(client)
        self.more = "etcd: { endpoints: '127.0.0.1:%d' }" % client

    def test_one_push_reaches_all_that_share_a_store(self):
        one, two = self.node("one"), self.node("two")
        self.wait_for(lambda: self.leads("fra", one, two), 20, "both lead to fra")
        done = self.push([one], self.another())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.wait_for(lambda: self.leads("iad", one, two), 20, "the other has it from the store")
        two.stop()
        two.start()
        self.wait_for(lambda: self.leads("iad", two), 20, "and keeps it")
        self.assertEqual(two.ctl("config", "leave", "--reason", "test").returncode, 0)
        self.wait_for(lambda: self.leads("fra", one, two), 20, "and one word takes both back")


if __name__ == "__main__":
    unittest.main()

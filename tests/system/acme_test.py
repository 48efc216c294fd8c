"""ACME DNS-01 as a person and a hook use it: set on every server, asked over DNS, gone by itself. Needs root."""
import json
import os
import subprocess
import time

import dns.exception
from lab import BIN, Gslbd, Lab, ask
from namespaces import enter_own, ip, main
from zone_test import commands

NS1, NS2, RESOLVER = "192.0.2.11", "192.0.2.12", "192.0.2.101"
ZONE = "gslb.example.org"
NONE = ["no challenge is set"]
CONFIG = """
listen: ["{address}:53"]
control: {{ socket: {folder}/control.sock }}
state: {folder}/state
geo: {{ location: [] }}
sites: {{ fra: {{ at: [50.11, 8.68] }} }}
defaults: {{ ttl: 5s, monitor: none }}
zones:
  gslb.example.org:
    ns: [ns1.gslb.example.org., ns2.gslb.example.org.]
    soa: {{ serial: {serial} }}
    services:
      www: {{ endpoints: {{ fra: 198.51.100.1 }} }}
      "*.shop": {{ endpoints: {{ fra: 198.51.100.2 }} }}
    records:
      ns1: {{ A: [192.0.2.11] }}
      ns2: {{ A: [192.0.2.12] }}
"""


class Acme(Lab):
    """Two name servers at port 53 of a namespace."""

    def setUp(self):
        super().setUp()
        enter_own(self, "a")
        for address in (NS1, NS2, RESOLVER):
            ip("address", "add", address + "/32", "dev", "lo")
        self.first, self.second = self.server("ns1", NS1), self.server("ns2", NS2)

    def server(self, name, address):
        folder = os.path.join(self.folder, name)
        os.makedirs(os.path.join(folder, "state"), exist_ok=True)
        server = Gslbd(folder, CONFIG.format(address=address, folder=folder, serial=1), 53)
        server.name, server.address = name, address
        self.run_process(server)
        self.wait_for(lambda: self.texts(server) is not None, 30, name + " answers")
        return server

    def texts(self, server, name="_acme-challenge.www." + ZONE):
        """The TXT records at a name, sorted; None without a reply."""
        try:
            reply = ask(53, name, "TXT", address=server.address, timeout=1)
        except (OSError, dns.exception.DNSException):
            return None
        return sorted(b"".join(r.strings).decode() for rrset in reply.answer for r in rrset)

    def acme(self, *arguments, servers=None, json=False):
        options = [o for s in servers or (self.first, self.second) for o in ("--server", s.socket)]
        return self.first.ctl("acme", *arguments, *options, json=json)

    def test_a_challenge_is_set_on_all_servers_and_cleared_from_all(self):
        done = self.acme("set", "www." + ZONE, "digest-1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, "^_acme-challenge.www.gslb.example.org is set: 2 name servers show it, until 20")
        for server in (self.first, self.second):
            self.assertEqual(self.texts(server), ["digest-1"])
        done = self.acme("clear", "www." + ZONE, "digest-1")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for server in (self.first, self.second):
            self.assertEqual(self.texts(server), NONE)

    def test_base_and_wildcard_share_a_name(self):
        apex = "_acme-challenge." + ZONE
        self.assertEqual(self.acme("set", ZONE, "base").returncode, 0)
        self.assertEqual(self.acme("set", "*." + ZONE, "star").returncode, 0)
        self.assertEqual(self.texts(self.second, apex), ["base", "star"])
        self.assertEqual(self.acme("set", "*.shop." + ZONE, "shop").returncode, 0)
        self.assertEqual(self.texts(self.first, "_acme-challenge.shop." + ZONE), ["shop"])
        listed = json.loads(self.first.ctl("acme", "list", json=True).stdout)["challenges"]
        self.assertEqual([c["value"] for c in listed], ["base", "star", "shop"])
        self.assertEqual(self.acme("clear", ZONE, "base").returncode, 0)
        self.assertEqual(self.texts(self.second, apex), ["star"])
        self.assertEqual(self.acme("clear", ZONE).returncode, 0)
        self.assertEqual(self.texts(self.second, apex), NONE)

    def test_it_fails_and_names_the_server_that_does_not_answer_with_it(self):
        done = self.acme("set", "www." + ZONE, "digest", "--timeout", "1", servers=[self.first])
        self.assertEqual((done.returncode, done.stdout), (6, ""))
        self.assertIn("ns2.gslb.example.org (192.0.2.12:53) does not answer with it", done.stderr)
        self.assertNotIn("192.0.2.11", done.stderr)
        self.second.freeze()  # silent, not refusing
        done = self.acme("set", "www." + ZONE, "digest", "--timeout", "1", servers=[self.first], json=True)
        self.assertEqual(done.returncode, 6)
        agrees = {s["address"]: s["agrees"] for s in json.loads(done.stdout)["servers"]}
        self.assertEqual(agrees, {"192.0.2.11:53": True, "192.0.2.12:53": False})
        done = self.acme("set", "www." + ZONE, "digest", "--ns", NS1, servers=[self.first])
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_it_waits_for_a_server_that_lags(self):
        command = [os.path.join(BIN, "gslbctl"), "--socket", self.first.socket, "acme", "set", "www." + ZONE, "late"]
        waiting = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.wait_for(lambda: self.texts(self.first) == ["late"], 10, "the first answers")
        self.assertIsNone(waiting.poll())
        self.assertEqual(self.acme("set", "www." + ZONE, "late", servers=[self.second, self.first]).returncode, 0)
        self.assertEqual(waiting.wait(20), 0)
        waiting.stdout.close()

    def test_a_server_that_is_not_there_is_named_and_the_others_have_it(self):
        self.second.stop()
        done = self.acme("set", "www." + ZONE, "digest")
        self.assertEqual(done.returncode, 3)
        self.assertIn(self.second.socket, done.stderr)
        self.assertEqual(self.texts(self.first), ["digest"])

    def test_it_is_gone_by_itself(self):
        done = self.acme("set", "www." + ZONE, "short", "--for", "2s", "--ns", NS1, servers=[self.first])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.wait_for(lambda: self.texts(self.first) == NONE, 20, "it is gone")

    def test_it_survives_a_reload_and_a_restart_but_not_its_time(self):
        for value, lasts in (("short", "6s"), ("long", "1h")):
            self.assertEqual(self.acme("set", "www." + ZONE, value, "--for", lasts).returncode, 0)
        ends = time.time() + 7
        folder = os.path.dirname(self.first.config)
        self.first.write(CONFIG.format(address=NS1, folder=folder, serial=2))
        self.assertEqual(self.first.ctl("reload").returncode, 0)
        self.assertIn("long", self.texts(self.first))
        self.first.stop()
        self.wait_for(lambda: time.time() > ends, 30, "the short one has ended")
        self.first.start()
        self.wait_for(lambda: self.texts(self.first) is not None, 30, "ns1 answers again")
        self.assertEqual(self.texts(self.first), ["long"])

    def test_what_cannot_be_set_is_refused_with_a_hint(self):
        for name, value, said in (
            ("ww." + ZONE, "digest", 'did you mean "www.gslb.example.org"?'),
            ("www.example.net", "digest", "no challenge can be set at _acme-challenge.www.example.net"),
            ("www." + ZONE, "two words", "is no challenge"),
            ("a..b", "digest", "is no domain name"),
        ):
            done = self.acme("set", name, value, servers=[self.first])
            self.assertEqual((done.returncode, done.stdout), (5, ""), name)
            self.assertIn(said, done.stderr)
        for i in range(16):
            self.acme("set", ZONE, "v%d" % i, "--ns", NS1, servers=[self.first])
        done = self.acme("set", ZONE, "v16", servers=[self.first])
        self.assertIn("has 16 values already", done.stderr)

    def test_every_command_of_the_document_does_what_it_says(self):
        environment = dict(os.environ, PATH="%s:%s" % (BIN, os.environ["PATH"]), GSLB_SOCKET=self.first.socket)
        for name, server in (("ns1.sock", self.first), ("ns2.sock", self.second)):
            os.symlink(server.socket, os.path.join(self.folder, name))
        lines = commands("acme.md")
        self.assertGreaterEqual(len(lines), 4)
        self.acme("set", "www." + ZONE, "VALUE")
        for line in lines:
            if " clear " in line:  # the document speaks of one server there, and this world has two
                self.acme("clear", "www." + ZONE, "VALUE", servers=[self.second, self.first])
            done = subprocess.run(line, shell=True, cwd=self.folder, env=environment, timeout=90,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            self.assertEqual(done.returncode, 0, line + "\n" + done.stdout)


if __name__ == "__main__":
    main()

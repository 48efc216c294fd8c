"""Signatures over the life of the real gslbd: none is made for a query, none again at a restart; clocks that are wrong.

As a test the flood is 4,000 queries a second for three seconds; more by hand:
  GSLB_RATE=20000 GSLB_SECONDS=20 /usr/bin/python3 tests/system/signing_test.py -v
"""
import json
import os
import random
import re
import subprocess

import dns.flags
import dns.message
import dns.query
from lab import Lab, unittest

RATE, SECONDS = int(os.environ.get("GSLB_RATE", "4000")), int(os.environ.get("GSLB_SECONDS", "3"))
ZONE = "gslb.example.org"
RECORDS = """
    dnssec: {{ keys: {folder}/keys, algorithm: {algorithm} }}
    services: {{ www: {{ monitor: none, endpoints: {{ fra: 127.0.11.1, iad: 127.0.11.2, gru: 127.0.11.3 }} }} }}
    records: {{ mail: {{ A: [192.0.2.25] }}, alias: {{ CNAME: mail }}, "*.wild": {{ TXT: [any] }} }}
"""
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"


class Signing(Lab):
    algorithm = "ecdsap256sha256"

    def signed(self, before=()):
        """gslbd with one signed zone, whose key is made once."""
        keys = self.folder + "/keys"
        if not os.path.isdir(keys):
            os.mkdir(keys)
            command = ["dnssec-keygen", "-q", "-K", keys, "-a", self.algorithm, "-f", "KSK", ZONE]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        config = self.config(zones=RECORDS.format(folder=self.folder, algorithm=self.algorithm))
        return self.gslbd(config, before=before)

    def status(self, server):
        done = server.ctl("status", json=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def alarms(self, server):
        """What status warns of that has to do with signatures."""
        return [w for w in self.status(server)["warnings"] if "clock" in w or "signature" in w]

    def made(self, server):
        return self.status(server)["signatures_made"]

    def rrsigs(self, name="www." + ZONE, rtype="A"):
        query = dns.message.make_query(name, rtype, want_dnssec=True)
        reply = dns.query.udp(query, "127.0.0.1", port=self.port, timeout=2)
        return [r for rrset in reply.answer if rrset.rdtype == dns.rdatatype.RRSIG for r in rrset]

    def wait_warning(self, server, text):
        self.wait_for(lambda: text in " ".join(self.status(server)["warnings"]), 20, "status warns: " + text)

    def wait_saved(self):
        self.wait_for(lambda: os.path.exists(self.folder + "/state/signatures"), 20, "signatures are on disk")

    def test_a_restart_makes_no_signature_and_status_says_how_many_were_made(self):
        for algorithm in ("ecdsap256sha256", "ed25519"):
            with self.subTest(algorithm):
                self.algorithm = algorithm
                server = self.signed()
                made = self.made(server)
                self.assertGreater(made, 10)
                self.assertIn("signatures made since the start", server.ctl("status").stdout)
                first = self.rrsigs()
                self.wait_saved()
                server.stop()
                server = self.signed()
                self.assertEqual(self.made(server), 0)
                self.assertEqual(self.rrsigs(), first)
                server.stop()
                for folder in ("keys", "state"):
                    subprocess.run(["rm", "-r", os.path.join(self.folder, folder)], check=True)

    def test_a_kept_file_that_is_damaged_is_signed_afresh(self):
        server = self.signed()
        made = self.made(server)
        self.wait_saved()
        server.stop()
        path = self.folder + "/state/signatures"
        with open(path, "r+b") as f:
            f.truncate(os.path.getsize(path) - 1)
        server = self.signed()
        self.assertEqual(self.made(server), made)
        self.assertTrue(self.rrsigs())

    def dnsperf(self, questions, rate):
        path = os.path.join(self.folder, "questions-%d" % rate)
        with open(path, "w") as f:
            f.writelines(q + "\n" for q in questions)
        command = ["dnsperf", "-s", "127.0.0.1", "-p", str(self.port), "-d", path, "-D", "-c", "4", "-T", "1"]
        command += ["-Q", str(rate), "-l", str(SECONDS), "-t", "2"]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def test_a_flood_of_random_names_costs_no_signature_and_known_names_are_answered(self):
        server = self.signed()
        made = self.made(server)
        seeded = random.Random(1)
        flood = self.dnsperf(("%x.%s A" % (seeded.getrandbits(64), ZONE) for _ in range(100_000)), RATE)
        known = self.dnsperf(["%s.%s A" % (name, ZONE) for name in ("www", "mail", "alias")], RATE // 10)

        def figures(process):
            text = process.communicate(timeout=SECONDS + 60)[0]
            sent, completed = (int(re.search("Queries %s: +([0-9]+)" % k, text).group(1)) for k in ("sent", "completed"))
            return sent, completed, text

        flooded, denied, text = figures(flood)
        asked, answered, _ = figures(known)
        after = self.made(server)
        print("%d random names, %d replies; %d of %d known names answered, %.3f %%; signatures made: %d before, %d after"
              % (flooded, denied, answered, asked, 100 * answered / asked, made, after))
        self.assertEqual(after, made)
        self.assertIn("NXDOMAIN %d " % denied, text)
        self.assertGreater(flooded, RATE * SECONDS / 2)
        self.assertGreater(asked, RATE * SECONDS / 20)
        self.assertGreaterEqual(answered, 0.999 * asked)

    def fake(self, offset):
        """The clock of servers that are started with faked()."""
        with open(self.folder + "/clock.new", "w") as f:
            f.write(offset + "\n")
        os.rename(self.folder + "/clock.new", self.folder + "/clock")

    def faked(self):
        if not os.path.exists(FAKETIME):
            self.skipTest("the package faketime is not installed")
        setting = ["FAKETIME_TIMESTAMP_FILE=%s/clock" % self.folder, "FAKETIME_NO_CACHE=1"]
        return ["/usr/bin/env", "LD_PRELOAD=" + FAKETIME, *setting, "FAKETIME_DONT_FAKE_MONOTONIC=1"]

    def test_a_clock_that_jumps_while_the_server_runs_changes_nothing_and_is_said(self):
        self.fake("+0")
        server = self.signed(self.faked())
        made, signatures = self.made(server), self.rrsigs()
        for offset, words in (("+2d", "jumped ahead"), ("-400d", "the clock says"), ("+1000d", "the clock says")):
            self.fake(offset)
            self.assertEqual(server.ctl("reload").returncode, 0)
            self.wait_warning(server, words)
            self.assertEqual(self.made(server), made)
            self.assertEqual(self.rrsigs(), signatures)
        self.fake("+0")
        self.assertEqual(server.ctl("reload").returncode, 0)
        self.wait_for(lambda: not self.alarms(server), 20, "all is well again")

    def test_a_start_with_a_clock_that_is_behind_keeps_what_it_has_and_says_so(self):
        self.fake("+0")
        server = self.signed(self.faked())
        signatures = self.rrsigs()
        self.wait_saved()
        server.stop()
        self.fake("-30d")
        server = self.signed(self.faked())
        self.wait_warning(server, "existing signatures are kept")
        self.assertEqual(self.made(server), 0)
        self.assertEqual(self.rrsigs(), signatures)
        self.assertIn("warning", server.ctl("status").stdout)

    def test_a_start_after_some_time_renews_what_is_due_and_keeps_the_rest(self):
        self.fake("+0")
        server = self.signed(self.faked())
        made = self.made(server)
        self.wait_saved()
        server.stop()
        self.fake("+7d")
        server = self.signed(self.faked())
        self.assertGreater(self.made(server), 0)
        self.assertLess(self.made(server), made)
        self.assertEqual(self.alarms(server), [])
        server.stop()
        self.fake("+60d")
        server = self.signed(self.faked())
        self.assertGreaterEqual(self.made(server), made)  # CDS and CDNSKEY have come too
        self.assertEqual(self.alarms(server), [])


if __name__ == "__main__":
    unittest.main()

"""docs/dnssec.md as an operator follows it: every command in it, in its order, on the real server; every configuration
in it passes `gslbctl check`. Times are short, so what the text waits hours for takes seconds."""
import json
import os
import re
import subprocess
import tempfile
import unittest

import dns.rdatatype
from lab import BIN, ROOT, Lab, read

DOCUMENT = os.path.join(ROOT, "docs", "dnssec.md")
ZONE = "example.org"


def blocks(language):
    return re.findall(r"^```%s\n(.*?)^```$" % language, read(DOCUMENT), re.MULTILINE | re.DOTALL)


class Document(Lab):
    def config(self, more=""):
        return """
listen: ["127.0.0.1:%d"]
control: { socket: %s/control.sock }
state: %s/state
zones:
  %s:
    ns: [ns1, ns2.example.net.]
    ns_ttl: 1s
    ttl: 1s
    soa: { serial: 1, minimum: 1s, ttl: 1s }
    dnssec: { dnskey_ttl: 1s, propagation: 0s, ds_ttl: 1s, style: ksk+zsk%s }
    records: { ns1: { A: [192.0.2.1] } }
""" % (self.port, self.folder, self.folder, ZONE, more)

    def setUp(self):
        super().setUp()
        os.makedirs(os.path.join(self.folder, "state"))
        self.server = self.gslbd(self.config(), wait=False)
        self.wait_for(lambda: self.zone() is not None, 30, "gslbctl key status")
        self.wait_for(lambda: self.zone()["signed"], 30, "a signed zone")

    def zone(self):
        done = self.server.ctl("key", "status", json=True)
        return json.loads(done.stdout)["zones"][0] if done.returncode == 0 else None

    def present(self, role=None):
        keys = [key for key in self.zone()["keys"] if "has left" not in key["does"]]
        return [key["tag"] for key in keys if role is None or key["role"] == role]

    def command(self, text):
        """Runs a command of the document once it is its time."""
        words = text.split("#")[0].split()
        self.assertEqual(words.pop(0), "gslbctl")
        if "import" in words:
            words[-1] = self.foreign_key()
        if "retire" in words:
            words[-1] = str(self.present("KSK")[-1])
        if "ds-gone" in words:
            self.server.write(self.config(", unsign: true"))
            self.assertEqual(self.server.ctl("reload").returncode, 0)
        outcomes = []

        def accepted():
            outcomes.append(self.server.ctl(*words))
            return outcomes[-1].returncode == 0

        try:
            self.wait_for(accepted, 30, text)
        except AssertionError as error:
            self.fail("%s: %s\n%s" % (error, outcomes[-1].stderr, self.server.ctl("key", "status").stdout))
        return outcomes[-1].stdout

    def foreign_key(self):
        """A key that BIND made."""
        folder = os.path.join(self.folder, "foreign")
        os.makedirs(folder, exist_ok=True)
        command = ["dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", "-K", folder, ZONE]
        name = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        return os.path.join(folder, name)

    def finish_rollover(self):
        """Until one KSK and one ZSK are left, saying all the while what the parent shows."""
        def alone():
            self.server.ctl("key", "ds-seen", ZONE)
            return len(self.present()) == 2

        self.wait_for(alone, 60, "the rollover's end")

    def test_every_command_does_what_the_text_says(self):
        commands = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("gslbctl")]
        self.assertGreater(len(commands), 8)
        said = set()
        for command in commands:
            verb = re.search(r"key (\S+)", command).group(1)
            said.add(verb)
            if verb in ("generate", "import", "retire"):
                self.finish_rollover()
            out = self.command(command)
            if verb == "ds":
                self.assertRegex(out, r"^example\.org\. IN DS \d+ 13 [24] [0-9A-Fa-f]+\n$")
            if verb == "generate":
                self.assertEqual(len(self.present()), 3)
        self.assertEqual(said, {"status", "ds", "ds-seen", "generate", "import", "retire", "ds-gone"})
        self.wait_for(lambda: not self.zone()["signed"], 30, "the zone is unsigned")
        reply = self.ask(ZONE, "DNSKEY")
        self.assertEqual([rrset for rrset in reply.answer if rrset.rdtype == dns.rdatatype.DNSKEY], [])

    def test_keys_survive_a_restart(self):
        before = [(key["tag"], key["created"]) for key in self.zone()["keys"]]
        self.assertEqual(self.server.stop(), 0)
        self.server = self.gslbd(self.config(), wait=False)
        self.wait_for(lambda: self.zone() is not None and self.zone()["signed"], 30, "signed again")
        self.assertEqual([(key["tag"], key["created"]) for key in self.zone()["keys"]], before)


class Examples(unittest.TestCase):
    def test_every_configuration_passes_the_check(self):
        found = blocks("yaml")
        self.assertGreater(len(found), 3)
        for text in found:
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
                f.write(text)
                f.flush()
                run = dict(stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                done = subprocess.run([os.path.join(BIN, "gslbctl"), "check", f.name], **run)
            self.assertEqual(done.returncode, 0, text + done.stderr)


if __name__ == "__main__":
    unittest.main()

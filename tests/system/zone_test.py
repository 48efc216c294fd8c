"""Master files: checked, and zones written as such, for other people's servers. Runs what docs/master-files.md says."""
import json
import os
import re
import subprocess
import sys

import dns.dnssec
import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
from lab import BIN, ROOT, Lab, Process, ask, free_port, read, unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "differential"))

import peers  # noqa: E402

ZONE = """$ORIGIN example.org.
@ 3600 IN SOA ns1 hostmaster 7 3600 600 604800 30
@ NS ns1
ns1 A 192.0.2.53
www A 192.0.2.1
"""
ZONES = """    services:
      www: { endpoints: { fra: 127.0.11.1, iad: 127.0.11.2 } }
      all: { monitor: none, policy: [all], endpoints: { fra: 192.0.2.10, iad: [192.0.2.20, "2001:db8::20"] } }
    records:
      ns1: { A: [192.0.2.53] }
      "@": { MX: ["10 mail"], TXT: ["a \\"quoted\\" text; and more"] }
      mail: { A: [192.0.2.25] }
      "*.wild": { TXT: [any] }
      alias: { CNAME: mail }
      moved: { DNAME: deep.name }
      a.deep.name: { TYPE65280: ['\\# 2 abcd'], CAA: ['0 issue "ca.example.net"'] }
      child: { NS: [ns.child], DS: ["12345 13 2 %s"] }
      ns.child: { A: [192.0.2.99] }
""" % ("00" * 32)

ZONE_NAME = "gslb.example.org"
PEERS = {"nsd": peers.nsd, "knot": peers.knot, "pdns": peers.pdns}
QUESTIONS = (
    ("", "SOA"), ("", "NS"), ("", "MX"), ("", "TXT"), ("mail.", "A"), ("mail.", "AAAA"), ("x.wild.", "TXT"),
    ("x.wild.", "A"), ("a.deep.name.", "TYPE65280"), ("a.deep.name.", "CAA"), ("deep.name.", "A"), ("nothing.", "A"), ("child.", "DS"),
    ("x.child.", "A"), ("alias.", "A"), ("alias.", "CNAME"), ("x.moved.", "A"), ("_acme-challenge.all.", "TXT"),
)


def commands(document):
    """The lines of every ```sh block."""
    blocks = re.findall(r"^```sh\n(.*?)^```", read(os.path.join(ROOT, "docs", document)), re.M | re.S)
    return [line for block in blocks for line in block.splitlines() if line]


class Zones(Lab):
    def run_line(self, line, server=None):
        """A command line as a person types it, in the test's folder."""
        environment = dict(os.environ, PATH="%s:%s:/usr/sbin" % (BIN, os.environ["PATH"]))
        if server:
            environment["GSLB_SOCKET"] = server.socket
        run = dict(stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        return subprocess.run(["/bin/sh", "-c", line], cwd=self.folder, env=environment, **run)

    def serve(self):
        self.sites()
        server = self.gslbd(self.config(zones=ZONES))
        self.wait_answer("127.0.11.1", 10)
        return server

    def test_a_sound_file_is_accepted_and_its_zone_is_found_out(self):
        self.write("a.zone", ZONE)
        done = self.run_line("gslbctl zone check a.zone")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, "a.zone: ok, zone example.org., serial 7, 3 names\n")

    def test_every_error_has_its_file_line_and_column(self):
        self.write("part", "www CNAME ns1\n")
        self.write("a.zone", ZONE + "mail A 192.0.2\n$INCLUDE part\n")
        done = self.run_line("gslbctl zone check a.zone --zone example.org")
        self.assertEqual(done.returncode, 4)
        self.assertIn("a.zone:6:8: ", done.stderr)
        self.write("a.zone", ZONE + "$INCLUDE part\n")
        done = self.run_line("gslbctl zone check a.zone")
        self.assertEqual(done.returncode, 4)
        self.assertRegex(done.stderr, r"(a\.zone:5|part:1):1: ")
        done = self.run_line("gslbctl --json zone check a.zone")
        found = json.loads(done.stdout)
        self.assertEqual((done.returncode, found["ok"], len(found["errors"])), (4, False, 1))
        self.assertEqual(found["errors"][0]["column"], 1)

    def test_a_file_that_does_not_say_its_zone_is_asked_for_it(self):
        self.write("a.zone", ZONE.replace("$ORIGIN example.org.\n", ""))
        done = self.run_line("gslbctl zone check a.zone")
        self.assertEqual(done.returncode, 4)
        self.assertIn("--zone example.org", done.stderr)
        self.assertEqual(self.run_line("gslbctl zone check a.zone --zone example.org").returncode, 0)
        done = self.run_line("gslbctl zone check nowhere.zone")
        self.assertEqual(done.returncode, 4)
        self.assertIn("nowhere.zone", done.stderr)

    def test_every_command_of_the_document_does_what_it_says(self):
        self.write("example.org.zone", ZONE)
        self.write("db.example", ZONE.replace("$ORIGIN example.org.\n", ""))
        server = self.serve()
        lines = commands("master-files.md")
        self.assertGreaterEqual(len(lines), 6)
        for line in lines:
            done = self.run_line(line, server)
            self.assertEqual(done.returncode, 0, line + "\n" + done.stderr + done.stdout)

    def test_an_export_is_loaded_by_other_servers_and_answers_the_same(self):
        server = self.serve()
        done = server.ctl("zone", "export", "gslb.example.org")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.write("gslb.example.org.zone", done.stdout)
        for checker in ("named-checkzone", "nsd-checkzone"):
            said = self.run_line("%s gslb.example.org gslb.example.org.zone" % checker)
            self.assertEqual(said.returncode, 0, said.stdout + said.stderr)
        for peer in PEERS:
            with self.subTest(peer):
                port = self.serve_copy(peer)
                for name, rtype in (*QUESTIONS, ("all.", "A"), ("all.", "AAAA")):
                    self.same(peer, port, dns.message.make_query(name + ZONE_NAME, rtype, use_edns=0, payload=1232))
                self.assertEqual(dns.rcode.to_text(ask(port, "www." + ZONE_NAME).rcode()), "NOERROR")

    def serve_copy(self, peer, zone="gslb.example.org.zone"):
        """-> the port of another server with the exported zone"""
        folder, port = self.path(peer), free_port()
        os.makedirs(folder)
        self.run_process(Process(self.folder, peer, PEERS[peer](folder, port, {ZONE_NAME: self.path(zone)})))
        self.wait_for(lambda: self.quiet(port, ZONE_NAME, "SOA") is not None, 20, peer + " answers")
        return port

    def same(self, peer, port, request):
        ours, theirs = (dns.query.udp(request, "127.0.0.1", port=p, timeout=5) for p in (self.port, port))
        self.assertEqual(ours.rcode(), theirs.rcode(), request.question[0])
        for section in ("answer", "authority"):
            records = [sorted("\n".join(map(str, getattr(r, section))).splitlines()) for r in (ours, theirs)]
            self.assertEqual(*records, (peer, str(request.question[0]), section))

    def quiet(self, port, name, rtype):
        try:
            return ask(port, name, rtype, timeout=0.3)
        except (OSError, dns.exception.DNSException):
            return None

    def test_an_export_from_the_configuration_is_that_of_a_server_with_all_up(self):
        server = self.serve()
        first = server.ctl("zone", "export", "gslb.example.org")
        second = self.run_line("gslbctl zone export gslb.example.org --config gslb.yaml")
        self.assertEqual((second.returncode, second.stderr), (0, ""))
        self.assertEqual(first.stdout, second.stdout)
        self.assertIn("www.gslb.example.org.\t5\tIN\tA\t127.0.11.1\n", first.stdout)
        self.assertNotIn("127.0.11.2", first.stdout, "what stands by is not in a copy")

    def test_as_a_client_is_what_it_gets_now(self):
        sites = self.sites()
        server = self.gslbd(self.config(zones=ZONES))
        self.wait_answer("127.0.11.1", 10)
        sites["fra"].stop()
        self.wait_answer("127.0.11.2", 10)
        done = server.ctl("zone", "export", "gslb.example.org", "--as-client", "192.0.2.1", json=True)
        found = json.loads(done.stdout)
        self.assertEqual(found["zone"], "gslb.example.org")
        self.assertIn("www.gslb.example.org.\t5\tIN\tA\t127.0.11.2\n", found["text"])

    def test_a_signed_zone_is_exported_with_its_chain_and_signatures_which_verifiers_accept(self):
        zone = "gslb.example.org"
        for split in (False, True):
            keys = self.path("keys-%s" % split)
            os.mkdir(keys)
            for kind in [["-f", "KSK"], []] if split else [["-f", "KSK"]]:
                command = ["dnssec-keygen", "-q", "-K", keys, "-a", "ECDSAP256SHA256", *kind, zone]
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            more = "    dnssec: { keys: %s%s }\n" % (keys, ", style: ksk+zsk" if split else "")
            server = self.gslbd(self.config(zones=more + ZONES.replace("www: { ", "www: { monitor: none, ")))
            done = server.ctl("zone", "export", zone)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.write("signed.zone", done.stdout)
            for word in ("RRSIG", "NSEC", "DNSKEY"):
                self.assertIn("\tIN\t%s\t" % word, done.stdout)
            verify = "dnssec-verify -q %s -o %s" % ("" if split else "-z", zone)
            for checker in (verify, "ldns-verify-zone", "named-checkzone " + zone, "nsd-checkzone " + zone):
                said = self.run_line(checker + " signed.zone")
                self.assertEqual(said.returncode, 0, checker + "\n" + said.stdout + said.stderr)
            if split:
                self.validated_elsewhere()
            self.write("broken.zone", done.stdout + "mail.%s.\t3600\tIN\tA\t192.0.2.26\n" % zone)
            self.assertNotEqual(self.run_line(verify + " broken.zone").returncode, 0, "it can refuse")
            here = "127.0.0.1:%d" % self.port
            self.assertEqual(server.ctl("acme", "set", "www." + zone, "digest", "--ns", here).returncode, 0)
            request = dns.message.make_query("_acme-challenge.www." + zone, "TXT", want_dnssec=True)
            reply = dns.query.udp(request, "127.0.0.1", port=self.port, timeout=2)
            self.assertEqual([r.to_text() for r in reply.answer[0]], ['"digest"'])
            self.assertEqual(reply.answer[1].rdtype, dns.rdatatype.RRSIG)
            self.assertEqual(server.ctl("zone", "export", zone).stdout, done.stdout, "challenges are not in a copy")
            offline = self.run_line("gslbctl zone export %s --config gslb.yaml" % zone)
            self.assertEqual(offline.returncode, 4)
            self.assertRegex(offline.stderr, r"gslb\.yaml:\d+:\d+: dnssec: the zone is signed")
            server.stop()

    def validated_elsewhere(self):
        """Knot DNS and PowerDNS serve the signed copy: what is static as we do, octet for octet; delv validates all."""
        keys = self.ask(ZONE_NAME, "DNSKEY").answer[0]
        (ds,) = (dns.dnssec.make_ds(ZONE_NAME + ".", key, "SHA256").to_text() for key in keys if key.flags & 1)
        anchor = 'trust-anchors { %s. static-ds %s %s %s "%s"; };\n' % (ZONE_NAME, *ds.split(None, 3))
        anchors = self.write("anchors", anchor)
        validated = 0
        for peer in ("knot", "pdns"):
            port = self.serve_copy(peer, "signed.zone")
            for name, rtype in (*QUESTIONS, ("", "DNSKEY")):
                request = dns.message.make_query(name + ZONE_NAME, rtype, want_dnssec=True, payload=4096)
                with self.subTest(peer=peer, name=name, rtype=rtype):
                    self.same(peer, port, request)
            for name, rtype in (*QUESTIONS, ("www.", "A"), ("all.", "A"), ("all.", "AAAA"), ("all.", "MX")):
                if name == "x.child.":
                    continue  # a referral
                command = ["delv", "@127.0.0.1", "-p", str(port), "-a", anchors, "+root=" + ZONE_NAME]
                command += [name + ZONE_NAME, rtype]
                said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
                with self.subTest(peer=peer, name=name, rtype=rtype, by="delv"):
                    self.assertRegex(said.stdout, "; (negative response, )?fully validated")
                    validated += 1
        print("%d answers of copies validated by delv" % validated)

    def test_an_unknown_zone_is_refused_with_a_hint(self):
        server = self.gslbd(self.config(zones="    records: { ns: { A: [192.0.2.1] } }"))
        done = server.ctl("zone", "export", "glsb.example.org")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn('did you mean "gslb.example.org."?', done.stderr)


if __name__ == "__main__":
    unittest.main()

"""An unbound that validates from the root down watches what happens to the keys of a zone: a ZSK is replaced, keys that
BIND made are taken over, the zone goes insecure. No answer is ever bogus. Needs root."""
import glob
import os
import re
import shutil
import socket
import subprocess
import time

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import resolvers
from internet import CHILD, NS1, NS2, PARENT
from lab import BIN, Gslbd, read
from namespaces import main
from watching import INSECURE, VALID, Watched

UNBOUND = "192.0.2.101"
NOT_READY = 14  # RFC 8914 section 4.15


class KeysOfAZone(Watched):
    def server(self, name, address, dnssec):
        """gslbd with the keys of one folder for both name servers."""
        return self.child(name, address, "dnssec: { %s, keys: %s, %s }" % (self.TIMES, self.path("keys"), dnssec))

    def signed_child(self, maker, follower):
        """Two name servers whose zone has its DS at the parent, and unbound. -> the maker"""
        anchor = self.trusted("")
        one = self.server("ns1", NS1, maker)
        self.wait_for(lambda: self.published(NS1), 30, "ns1 has made its keys")
        self.server("ns2", NS2, "role: follower, " + follower)
        self.wait_for(lambda: self.cds(NS1), 40, "a first CDS")
        self.change_parent(self.cds(NS1), 2)
        resolvers.start(self, "unbound", UNBOUND, [anchor])
        return one

    def carried_out(self, server, *order):
        """Once it is its time."""
        outcomes = []

        def accepted():
            outcomes.append(server.ctl(*order))
            return outcomes[-1].returncode == 0

        self.note(" ".join(order[:2]), accepted)
        return outcomes[-1].stdout

    def test_a_zsk_is_replaced_and_every_answer_is_validated(self):
        more = "style: ksk+zsk, servers: [%s], parent: [" + PARENT + "]"
        one = self.signed_child(more % NS2, more % NS1)
        self.wait_for(lambda: not self.cds(NS1), 20, "ns1 sees its DS at the parent")
        self.assertEqual(len(self.published(NS1)), 2)
        (old,) = self.signer(NS1)
        before = self.published(NS1)
        self.watch(UNBOUND)
        self.carried_out(one, "key", "generate", CHILD, "--zsk")
        self.note("ns1 publishes it", lambda: len(self.published(NS1)) == 3)
        (new,) = set(self.published(NS1)) - set(before)
        self.note("ns2 publishes it", lambda: len(self.published(NS2)) == 3)
        self.assertEqual(self.signer(NS1), [old], "RFC 6781 section 4.1.1.1: first it is published")
        self.note("ns1 signs with it", lambda: self.signer(NS1) == [new])
        self.assertIn(old, self.published(NS1), "what it has signed is in caches")
        self.note("ns2 signs with it", lambda: self.signer(NS2) == [new])
        after = sorted({new} | set(before) - {old})
        self.note("the old one left ns1", lambda: self.published(NS1) == after)
        self.note("the old one left ns2", lambda: self.published(NS2) == after)
        self.assertGreaterEqual(self.time_of["ns1 signs with it"] - self.time_of["ns1 publishes it"], 2.5)
        self.assertGreaterEqual(self.time_of["the old one left ns1"] - self.time_of["ns2 signs with it"], 4.5)
        self.assertEqual(self.cds(NS1), "", "the parent has nothing to do")
        self.end_watch(200)

    def signed_by_bind(self):
        """The child zone as BIND signs it, with a KSK and a ZSK. -> its text, the files of the keys"""
        config = self.write("static.yaml", self.child_config.format(address=NS1, folder=self.folder, zone="", more=""))
        run = dict(check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        export = [os.path.join(BIN, "gslbctl"), "zone", "export", CHILD, "--config", config]
        zone = self.write("static.zone", subprocess.run(export, **run).stdout)
        keys = self.path("bind-keys")
        os.makedirs(keys)
        for kind in (["-f", "KSK"], []):
            subprocess.run(["dnssec-keygen", "-a", "ECDSAP256SHA256", "-L", "2", "-K", keys, *kind, CHILD], **run)
        command = ["dnssec-signzone", "-S", "-K", keys, "-d", self.folder, "-o", CHILD, "-f", zone + ".signed", zone]
        subprocess.run(command, **run)
        return read(zone + ".signed"), glob.glob(os.path.join(keys, "*.key"))

    def test_a_zone_that_bind_signed_moves_here_with_its_keys_and_every_answer_is_validated(self):
        text, files = self.signed_by_bind()
        old = {1: self.nsd("old1", NS1, CHILD, text), 2: self.nsd("old2", NS2, CHILD, text)}
        keys = self.published(NS1)
        self.assertEqual(len(keys), 2)
        anchor = self.trusted(self.ds_of(NS1))
        resolvers.start(self, "unbound", UNBOUND, [anchor])
        self.watch(UNBOUND)
        old[1].stop()
        one = self.server("ns1", NS1, "style: ksk+zsk, servers: [%s], parent: [%s]" % (NS2, PARENT))
        reply = self.reply(CHILD, "SOA", NS1)
        self.assertEqual(reply.rcode(), dns.rcode.SERVFAIL, "before it has the keys")
        self.assertEqual([o.code for o in reply.options if o.otype == dns.edns.EDE], [NOT_READY])
        time.sleep(2)  # resolvers have met that
        self.carried_out(one, "key", "import", CHILD, *files)
        self.note("ns1 serves it", lambda: self.published(NS1) == keys)
        self.assertEqual(self.signer(NS1), self.signer(NS2))
        time.sleep(6)  # answers of both are in caches, with the keys of either
        old[2].stop()
        self.server("ns2", NS2, "role: follower, style: ksk+zsk, servers: [%s], parent: [%s]" % (NS1, PARENT))
        self.note("ns2 serves it", lambda: self.published(NS2) == keys)
        time.sleep(6)
        self.assertEqual((self.published(NS1), self.published(NS2)), (keys, keys), "and no other key came of it")
        self.end_watch(200)

    def reload(self, name, pattern, text):
        server = self.children[name]
        server.write(re.sub(pattern, text, read(server.config)))
        done = server.ctl("reload")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_zone_goes_insecure_and_no_answer_is_ever_bogus(self):
        one = self.signed_child("servers: [%s]" % NS2, "servers: [%s]" % NS1)
        self.carried_out(one, "key", "ds-seen", CHILD)
        self.wait_for(lambda: not self.cds(NS1), 20, "nothing is asked of the parent")
        self.watch(UNBOUND)
        for name in ("ns1", "ns2"):
            self.reload(name, r"dnssec: \{", "dnssec: { unsign: true,")
        for server in (NS1, NS2):
            self.note("CDS of " + server, lambda: " DS 0 0 0 00" in self.cds(server))
            deleting = self.reply(CHILD, "CDNSKEY", server)
            self.assertEqual(deleting.answer[0][0].to_text(), "0 3 0 AA==", "RFC 8078 section 4")
        time.sleep(4)  # the TTLs of keys
        self.phase = "the DS is removed"
        self.change_parent("", 3)
        self.assertTrue(self.signer(NS1), "signed while caches may have the DS")
        self.carried_out(one, "key", "ds-gone", CHILD)
        self.note("ns1 is unsigned", lambda: not self.published(NS1) and not self.signer(NS1))
        self.note("ns2 is unsigned", lambda: not self.published(NS2) and not self.signer(NS2))
        time.sleep(6)  # the longest TTL of the zone
        self.phase = "unsigned"
        for name in ("ns1", "ns2"):  # and back to a configuration without `dnssec`
            self.reload(name, r" *dnssec: .*\n", "")
        self.end_watch(200, phases={"all": VALID, "the DS is removed": VALID | INSECURE, "unsigned": INSECURE})


class FirstKey(Watched):
    def test_a_zone_that_is_to_be_signed_is_never_answered_unsigned(self):
        """Asked from its very start, while the other name server, whose keys matter, does not answer."""
        silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(silent.close)
        silent.bind((NS2, 53))
        keys, folder = self.path("keys"), self.path("ns1")
        os.makedirs(os.path.join(folder, "state"))
        zone = "dnssec: { %s, keys: %s, servers: [%s] }" % (self.TIMES, keys, NS2)
        config = self.child_config.format(address=NS1, folder=folder, zone=zone, more=self.more)
        for turn in range(3):
            shutil.rmtree(keys, ignore_errors=True)
            server = self.run_process(Gslbd(folder, config, 53))
            refused = self.until_signed()
            print("start %d: %d times Not Ready, then signed" % (turn + 1, refused))
            self.assertGreater(refused, 0, "the test has seen it")
            server.stop()

    def until_signed(self):
        """-> how many queries were refused"""
        deadline, refused = time.monotonic() + 30, 0
        while time.monotonic() < deadline:
            request = dns.message.make_query("mail." + CHILD, "A", want_dnssec=True)
            try:
                reply = dns.query.tcp(request, NS1, timeout=1)  # no rate limit there
            except (OSError, dns.exception.DNSException):
                continue
            if reply.rcode() == dns.rcode.SERVFAIL:
                self.assertEqual([o.code for o in reply.options if o.otype == dns.edns.EDE], [NOT_READY])
                self.assertFalse(reply.flags & dns.flags.AA)
                refused += 1
                continue
            self.assertEqual(reply.rcode(), dns.rcode.NOERROR)
            types = [rrset.rdtype for rrset in reply.answer]
            self.assertEqual(types, [dns.rdatatype.A, dns.rdatatype.RRSIG])
            return refused
        self.fail("the zone is not signed after 30 s")


if __name__ == "__main__":
    main()

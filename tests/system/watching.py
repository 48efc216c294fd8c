"""A validating resolver that is asked all the time, while the keys of the child zone change (internet.py)."""
import collections
import threading
import time

import dns.dnssec
import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
from internet import CHILD, Internet
from lab import query

VALID = {("NOERROR", True), ("NXDOMAIN", True)}
INSECURE = {("NOERROR", False), ("NXDOMAIN", False)}


class Watched(Internet):
    TIMES = "dnskey_ttl: 2s, propagation: 1s, ds_ttl: 2s"  # of `dnssec`
    phase = "all"

    def setUp(self):
        super().setUp()
        self.done, self.threads = threading.Event(), []
        self.asked, self.time_of = collections.defaultdict(collections.Counter), {}
        self.begun = time.monotonic()
        self.addCleanup(self.join)

    def beside(self, work, *arguments):
        """Runs beside the test until `done` is set."""
        self.threads.append(threading.Thread(target=work, args=arguments))
        self.threads[-1].start()

    def join(self):
        self.done.set()
        while self.threads:
            self.threads.pop().join()

    def watch(self, resolver):
        self.begun = time.monotonic()
        self.beside(self.ask_all_the_time, resolver)

    def ask_all_the_time(self, resolver):
        """Counts (RCODE, whether AD is set) of every phase. A phase's answers are those of questions asked in it."""
        number = 0
        while not self.done.is_set():
            number += 1
            for name, rtype in (
                ("www", "A"),
                ("mail", "AAAA"),
                ("nothing-%d" % number, "A"),
                ("x%d.wild" % number, "TXT"),
                ("mail", "MX"),
            ):
                request, phase = query(name + "." + CHILD, rtype), self.phase
                request.flags |= dns.flags.AD
                try:
                    reply = dns.query.udp(request, resolver, timeout=10)
                    self.asked[phase][dns.rcode.to_text(reply.rcode()), bool(reply.flags & dns.flags.AD)] += 1
                except dns.exception.DNSException as error:
                    self.asked[phase][type(error).__name__, False] += 1
            self.done.wait(0.05)

    def note(self, what, condition, seconds=40):
        self.wait_for(condition, seconds, what)
        self.time_of[what] = round(time.monotonic() - self.begun, 1)

    def end_watch(self, least, allowed=VALID, phases=None):
        """Once the last caches are from after the change. Every answer is one of `allowed`, of a phase in `phases` one
        of its own; there are `least` or more in all."""
        time.sleep(3)  # longer than any TTL of keys: what is cached now is from after the change
        self.join()
        print(self.time_of, {phase: dict(counts) for phase, counts in self.asked.items()})
        for phase, counts in self.asked.items():
            self.assertLessEqual(set(counts), (phases or {}).get(phase, allowed), (phase, dict(counts)))
        for phase in phases or ():
            self.assertGreater(sum(self.asked[phase].values()), 20, phase)
        self.assertGreater(sum(sum(counts.values()) for counts in self.asked.values()), least)

    def published(self, server):
        """The tags in its DNSKEY RRset."""
        reply = self.reply(CHILD, "DNSKEY", server)
        records = [r for rrset in reply.answer for r in rrset if r.rdtype == dns.rdatatype.DNSKEY] if reply else []
        return sorted(dns.dnssec.key_id(record) for record in records)

    def signer(self, server):
        """The tags of the keys that sign its answers; [] where they are not signed."""
        reply = dns.query.udp(dns.message.make_query("mail." + CHILD, "A", want_dnssec=True), server, timeout=5)
        return [r.key_tag for rrset in reply.answer for r in rrset if r.rdtype == dns.rdatatype.RRSIG]

    def cds(self, server):
        """What the child asks of its parent, as DS records; "" if nothing (RFC 7344)."""
        reply = self.reply(CHILD, "CDS", server)
        records = [r for rrset in reply.answer for r in rrset if r.rdtype == dns.rdatatype.CDS] if reply else []
        return "\n".join("%s. 2 IN DS %s" % (CHILD, record.to_text()) for record in records)

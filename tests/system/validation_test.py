"""Debian's validating resolvers believe every answer of a signed zone: AD is set, from the trust anchor of the test's
own root down. delv and dnsviz say the same. Needs root."""
import collections
import json
import subprocess

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rdtypes.svcbbase
import resolvers
from internet import AMERICAN, BELOW, CHILD, GERMAN, NS1, NS2, PARENT, ROOT, Internet
from lab import addresses, query
from namespaces import main

RESOLVERS = {"unbound": "192.0.2.101", "named": "192.0.2.102", "kresd": "192.0.2.103", "recursor": "192.0.2.104"}
SITES = ("198.18.0.1", "2001:db8::1"), ("198.18.0.2", "2001:db8::2")
# name, type, RCODE, addresses (None: any)
QUESTIONS = (
    ("www", "A", "NOERROR", None),
    ("www", "AAAA", "NOERROR", None),
    ("www", "HTTPS", "NOERROR", None),
    ("both", "A", "NOERROR", ["198.18.1.1", "198.18.1.2"]),
    ("both", "HTTPS", "NOERROR", ["198.18.1.1", "198.18.1.2"]),
    ("mail", "HTTPS", "NOERROR", []),
    ("steered-alias", "A", "NOERROR", None),
    ("steered-alias", "HTTPS", "NOERROR", None),
    ("mail", "A", "NOERROR", ["192.0.2.25"]),
    ("sixty", "A", "NOERROR", ["192.0.2.%d" % i for i in range(100, 160)]),
    ("alias2", "A", "NOERROR", ["192.0.2.25"]),
    ("x.y.wild", "A", "NOERROR", ["192.0.2.77"]),
    ("known.wild", "A", "NOERROR", ["192.0.2.78"]),
    ("x.wild-alias", "A", "NOERROR", ["192.0.2.25"]),
    ("host.moved", "A", "NOERROR", ["192.0.2.79"]),
    ("out", "A", "NOERROR", ["192.0.2.99"]),
    ("nothing", "A", "NXDOMAIN", []),
    ("a.b.nothing", "A", "NXDOMAIN", []),
    ("below.mail", "A", "NXDOMAIN", []),
    ("gone.moved", "A", "NXDOMAIN", []),
    ("mail", "TXT", "NOERROR", []),
    ("www", "MX", "NOERROR", []),
    ("empty", "A", "NOERROR", []),
    ("below.empty", "TXT", "NOERROR", []),
    ("x.wild", "MX", "NOERROR", []),
    ("@", "SOA", "NOERROR", []),
    ("@", "DNSKEY", "NOERROR", []),
    ("@", "DS", "NOERROR", []),
    ("child", "DS", "NOERROR", []),
)


def full(name):
    return CHILD if name == "@" else name + "." + CHILD


def places(reply):
    """The addresses in the answer, and those that its HTTPS records hint at."""
    hints = []
    for rrset in reply.answer:
        if rrset.rdtype == dns.rdatatype.HTTPS:
            for record in rrset:
                keys = (dns.rdtypes.svcbbase.ParamKey.IPV4HINT, dns.rdtypes.svcbbase.ParamKey.IPV6HINT)
                hints += [a for key in keys if key in record.params for a in record.params[key].addresses]
    return sorted(addresses(reply) + hints)


class Validation(Internet):
    def setUp(self):
        super().setUp()
        self.anchor = self.signed_world()

    def ask_validating(self, name, rtype, resolver):
        """The reply once the resolver has found out, or the last one."""
        replies = []

        def told():
            request = dns.message.make_query(name, rtype, want_dnssec=True, payload=4096)
            request.flags |= dns.flags.AD
            try:
                replies.append(dns.query.udp_with_fallback(request, resolver, timeout=5)[0])
            except (OSError, dns.exception.DNSException):
                return False
            return replies[-1].rcode() != dns.rcode.SERVFAIL or len(replies) > 3

        self.wait_for(told, 30, "an answer to %s %s" % (name, rtype))
        return replies[-1]

    def test_every_resolver_validates_every_kind_of_answer(self):
        for resolver, address in RESOLVERS.items():
            resolvers.start(self, resolver, address, [self.anchor])
            for name, rtype, rcode, expected in QUESTIONS:
                with self.subTest(resolver=resolver, name=name, rtype=rtype):
                    reply = self.ask_validating(full(name), rtype, address)
                    self.assertEqual(dns.rcode.to_text(reply.rcode()), rcode)
                    self.assertTrue(reply.flags & dns.flags.AD, "AD is not set:\n%s" % reply)
                    if expected is not None:
                        self.assertEqual(places(reply), sorted(expected))
            with self.subTest(resolver=resolver, name="below an unsigned delegation"):
                reply = self.ask_validating("host.child." + CHILD, "A", address)
                self.assertEqual((addresses(reply), reply.flags & dns.flags.AD), (["192.0.2.98"], 0))

    def test_a_resolver_with_another_anchor_believes_nothing(self):
        tag, rest = self.anchor.split(" ", 1)
        wrong = rest[:-1] + ("0" if rest[-1] != "0" else "1")
        resolvers.start(self, "unbound", RESOLVERS["unbound"], [tag + " " + wrong], ready="id.server")
        request = query("mail." + CHILD)
        self.assertEqual(dns.query.udp(request, RESOLVERS["unbound"], timeout=10).rcode(), dns.rcode.SERVFAIL)

    def test_steered_answers_for_several_countries_validate(self):
        address = RESOLVERS["unbound"]
        ecs = dict(subnetcache=["subnetcache"], more="send-client-subnet: 192.0.2.0/24")
        resolvers.start(self, "unbound", address, [self.anchor], **ecs)
        for _ in range(2):  # the second time from the cache
            for client, (v4, v6) in zip((GERMAN, AMERICAN), SITES):
                for rtype, expected in (("A", [v4]), ("AAAA", [v6]), ("HTTPS", [v4, v6])):
                    request = query("www." + CHILD, rtype, subnet=client + "/24")
                    request.flags |= dns.flags.AD
                    reply = dns.query.udp(request, address, timeout=8)
                    self.assertEqual(places(reply), expected, str(reply))
                    self.assertTrue(reply.flags & dns.flags.AD, str(reply))

    def test_delv_calls_every_answer_fully_validated(self):
        resolvers.start(self, "unbound", RESOLVERS["unbound"], [self.anchor])
        anchor = 'trust-anchors { . static-ds %s %s %s "%s"; };\n' % tuple(self.anchor.split(None, 3))
        anchors = self.write("anchors", anchor)
        for name, rtype, rcode, _ in QUESTIONS:
            command = ["delv", "@" + RESOLVERS["unbound"], "-a", anchors, "+root=.", full(name), rtype]
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
            self.assertRegex(done.stdout, "; (negative response, )?fully validated", (name, rtype))

    def test_dnsviz_finds_no_error_and_no_warning(self):
        names = ("@", "www", "mail", "alias2", "x.wild", "host.moved", "nothing", "empty", "child", "host.child")
        self.assertGreaterEqual(self.dnsviz(names)["A"], 4)

    def test_dnsviz_finds_none_with_https_records_either(self):
        """HTTPS is not among the types that it asks for by itself."""
        names = ("@", "www", "both", "steered-alias", "mail", "alias2", "x.wild", "nothing", "empty", "sixty")
        answered = self.dnsviz(names, "-R", "A,AAAA,HTTPS")
        for rtype, least in (("A", 7), ("AAAA", 3), ("HTTPS", 3)):
            self.assertGreaterEqual(answered[rtype], least, answered)

    def dnsviz(self, names, *options):
        """Neither error nor warning about any of the names. -> how many RRsets there are for each type, each with a valid signature"""
        names = [full(n) for n in names]
        servers = {".": "a.root=" + ROOT, "example": "ns.example=" + PARENT}
        servers[CHILD] = "ns1.%s=%s,ns2.%s=%s" % (CHILD, NS1, CHILD, NS2)
        servers["child." + CHILD] = "ns.child.%s=%s" % (CHILD, BELOW)
        probe = ["dnsviz", "probe", "-A", "-4", "-d", "0", *options]
        for zone, known in servers.items():
            probe += ["-x", "%s:%s" % (zone, known)]
        run = dict(stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
        found = subprocess.run([*probe, *names], **run)
        self.assertEqual(found.returncode, 0, found.stderr)
        said = subprocess.run(["dnsviz", "grok", "-l", "info"], input=found.stdout, **run)
        self.assertEqual(said.returncode, 0, said.stderr)
        said = json.loads(said.stdout)
        for name in names:
            self.assertIn(name + ".", said)
        self.assertEqual(findings(said), [])
        valid = collections.Counter()
        for name in names:
            for question, outcome in said[name + "."].get("queries", {}).items():
                for answer in outcome.get("answer", ()):
                    if {rrsig["status"] for rrsig in answer.get("rrsig", ())} == {"VALID"}:
                        valid[question.split("/")[2]] += 1
        print("dnsviz: RRsets with a valid signature", dict(valid))
        return valid


def findings(node, path=""):
    """Every error and warning of dnsviz grok."""
    out = []
    for key, value in node.items() if isinstance(node, dict) else ():
        if key in ("errors", "warnings"):
            out += ["%s: %s" % (path, json.dumps(item)[:300]) for item in value]
        else:
            out += findings(value, path + "/" + key)
    for item in node if isinstance(node, list) else ():
        out += findings(item, path)
    return out


if __name__ == "__main__":
    main()

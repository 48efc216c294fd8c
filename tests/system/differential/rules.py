"""The differences between gslbd and a peer that are accepted: each is a rule with its reason. What no rule explains is
a finding.

Where a difference is "the same, in another way", the rule proves it by asking on: over TCP for what was truncated, as a
resolver would for where a chain stopped, by type for what ANY gave.
"""
import compare
import dns.flags
import dns.message
import dns.name
import dns.rdataclass
import dns.rdatatype

RULES = []
META = {0, 41, 249, 250, 251, 252, 253, 254}
REDIRECTS = {"CNAME", "DNAME"}
OPT_ROOM = 6  # octets that are kept for an extended error, whether or not one comes


def rule(name, reason, peer=None):
    def register(function):
        RULES.append((name, reason, peer, function))
        return function

    return register


def explain(case):
    """-> the name of the rule that accepts the difference, or None"""
    for name, _, peer, accepts in RULES:
        if peer in (None, case.peer) and accepts(case):
            return name
    return None


def parts(reply):
    return reply.answer | reply.authority | reply.additional


def end_of_chain(name, answer):
    """Where the CNAMEs of an answer lead, or None if round in a circle."""
    targets = {owner: dns.name.from_wire(data, 0)[0] for owner, _, rtype, _, data in answer if rtype == "CNAME"}
    for _ in range(len(targets) + 1):
        key = name.canonicalize().to_text()
        if key not in targets:
            return name
        name = targets[key]
    return None


class Case:
    def __init__(self, data, panel, peer, message, tcp, ours, theirs):
        self.data, self.panel, self.peer = data, panel, peer
        self.message, self.tcp, self.ours, self.theirs = message, tcp, ours, theirs
        self.fields = compare.differing(ours, theirs)
        question = message.question[0]
        self.name, self.rtype, self.rclass = question.name, question.rdtype, question.rdclass

    def only(self, *fields):
        return self.fields <= set(fields)

    def true(self, records):
        """Whether they are all in the zones."""
        return records <= self.data

    @property
    def limit(self):
        """Octets that fit into a reply over UDP."""
        return min(max(self.message.payload, 512), 1232) if self.message.edns >= 0 else 512

    def again(self, server, name=None, rtype=None):
        """The reply of one server over TCP, to this question or to another that is asked in the same way."""
        message = self.message
        if name is not None or rtype is not None:
            message = dns.message.make_query(name or self.name, rtype or self.rtype)
        return self.panel.ask_one(server, message, True)

    def followed(self, server, reply):
        """What a resolver has in the end that goes on where a chain stopped: (rcode, answers, authority)"""
        answer, seen = reply.answer, {self.name}
        while True:
            end = end_of_chain(self.name, answer)
            is_answer = any(rtype not in REDIRECTS for _, _, rtype, _, _ in reply.answer)
            is_negative = any(rtype == "SOA" for _, _, rtype, _, _ in reply.authority)
            if end is None or is_answer or is_negative or end in seen:
                break
            seen.add(end)
            reply = self.again(server, end)
            answer |= reply.answer
        return reply.rcode, answer, reply.authority


@rule("meta-type", "types that are no data (0, OPT, TKEY, TSIG, IXFR, AXFR, MAILB, MAILA): whether they are looked up")
def meta_type(case):
    return case.rtype in META


@rule("class-any", "class ANY (255) is refused like every class that is not served; the peers take it for IN")
def class_any(case):
    return case.rclass == dns.rdataclass.ANY and case.ours.rcode == "REFUSED" and not case.ours.answer


@rule("no-question", "NSD leaves the question out when it refuses a class", "nsd")
def no_question(case):
    return case.only("question", "flags") and case.rclass != dns.rdataclass.IN and not case.theirs.question


@rule("badvers", "NSD keeps CD and drops DO in BADVERS; RFC 4035 section 3.1.6 and RFC 3225 say the opposite", "nsd")
def badvers(case):
    flags = case.ours.flags ^ case.theirs.flags
    return case.ours.rcode == "BADVERS" and case.only("edns", "flags") and flags in (0, dns.flags.CD)


@rule("any", "RFC 8482 section 4.1: ANY gives one RRset that exists; which one is the server's choice")
def any_type(case):
    if case.rtype != dns.rdatatype.ANY or not case.only("answer", "additional", "flags") or not case.ours.answer:
        return False
    types = {rtype for _, _, rtype, _, _ in case.ours.answer}
    if len(types) != 1 or not (case.theirs.answer or case.theirs.truncated):
        return False
    return case.again(case.peer, rtype=dns.rdatatype.from_text(types.pop())).answer == case.ours.answer


@rule("truncation", "which RRsets go out with TC, and how soon it comes: names in data are not compressed; TCP agrees")
def truncation(case):
    ours, theirs = case.ours, case.theirs
    if case.tcp or not (ours.truncated or theirs.truncated) or case.fields & {"question", "edns"}:
        return False
    if (ours.flags ^ theirs.flags) & ~dns.flags.TC:
        return False
    whole = Case(case.data, case.panel, case.peer, case.message, True, case.again("gslbd"), case.again(case.peer))
    if ours.truncated and len(whole.ours.wire) + (OPT_ROOM if case.message.edns >= 0 else 0) <= case.limit:
        return False
    return parts(ours) <= parts(whole.ours) and (not whole.fields or explain(whole) is not None)


@rule("courtesy", "addresses beside an answer are optional (RFC 1034 section 4.3.2 step 6); those sent are true")
def courtesy(case):
    return case.only("additional") and case.ours.authoritative and case.true(case.ours.additional)


@rule("sub-type", "RRSIG, NSEC and NSEC3 at an unsigned alias: the peers do not follow it, we do; nobody has them")
def sub_type(case):
    types = (dns.rdatatype.RRSIG, dns.rdatatype.NSEC, dns.rdatatype.NSEC3)
    return case.rtype in types and {r[2] for r in case.ours.answer} <= REDIRECTS and case.theirs.answer <= case.ours.answer


@rule("cname-by-dname", "NSD ends a query for CNAME at one made from a DNAME; RFC 6672 section 3.2 goes on", "nsd")
def cname_by_dname(case):
    ours, theirs = case.ours, case.theirs
    made = {r for r in ours.answer if r[2] == "CNAME"} - case.data
    return case.rtype == dns.rdatatype.CNAME and bool(made) and theirs.answer <= ours.answer and not theirs.authority


@rule("yxdomain-soa", "Knot DNS adds an SOA to YXDOMAIN, which is no negative answer (RFC 6672 section 2.2)", "knot")
def yxdomain_soa(case):
    added = case.theirs.authority - case.ours.authority
    return case.ours.rcode == "YXDOMAIN" and case.only("authority") and {r[2] for r in added} == {"SOA"}


@rule("yxdomain-target", "Knot DNS adds what is at the DNAME's target; RFC 6672 section 3.2 step 3c ends there", "knot")
def yxdomain_target(case):
    ours, theirs = case.ours, case.theirs
    targets = {dns.name.from_wire(r[4], 0)[0].canonicalize().to_text() for r in ours.answer if r[2] == "DNAME"}
    added = theirs.answer - ours.answer
    return (
        ours.rcode == theirs.rcode == "YXDOMAIN"
        and case.only("answer")
        and ours.answer < theirs.answer
        and {r[0].lower() for r in added} <= targets
    )


@rule("chain", "how many links of a chain are followed, and whether into another zone; going on gives the same")
def chain(case):
    ours, theirs = case.ours, case.theirs
    if case.fields & {"flags", "question", "edns"} or not {r[2] for r in ours.answer & theirs.answer} & REDIRECTS:
        return False
    if not (ours.answer <= theirs.answer or theirs.answer <= ours.answer):
        return False
    return case.followed("gslbd", ours) == case.followed(case.peer, theirs)

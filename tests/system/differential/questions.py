"""Questions by the number: question(seed, i) is the same on every machine."""
import random

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zone
from compare import Reply

COMMON = "A A AAAA NS CNAME SOA MX TXT SRV PTR DNAME DS DNSKEY RRSIG NSEC NSEC3 NSEC3PARAM CAA HTTPS SVCB TLSA NAPTR ANY"
RARE = [0, 11, 41, 99, 103, 249, 250, 251, 252, 253, 254, 128, 200, 259, 32768, 65280, 65281, 65282, 65534, 65535]
CLASSES = [2, 3, 4, 254, 255, 0, 65535]
PAYLOADS = [0, 511, 512, 513, 600, 700, 800, 1000, 1100, 1200, 1220, 1231, 1232, 1233, 1400, 4096, 65535]
LABELS = "a x www host *  leaf link1 mail ns ns1 child wild sub ent below empty _tcp zz 0 - xn--a".split()
OUTSIDE = [
    dns.name.from_text(n)
    for n in ". org. net. example. com. example.com. www.example.com. xexample.org. example.orgx.".split()
]


def node_rrsets(name, node):
    for rdataset in node.rdatasets:
        rrset = dns.rrset.RRset(name, rdataset.rdclass, rdataset.rdtype)
        rrset.update(rdataset)
        yield rrset


class Questions:
    """-> dns.message.Message, whether over TCP"""

    def __init__(self, zone_texts):
        self.owners, self.types, self.data = [], {}, set()
        for apex, text in sorted(zone_texts.items()):
            zone = dns.zone.from_text(text, origin=apex, relativize=False, check_origin=False)
            for name, node in sorted(zone.nodes.items()):
                # Names of which there are many alike would crowd out the others.
                alike = sum(c.isdigit() for c in name.to_text().split(".")[0]) >= 2
                self.owners.append((name, 0.1 if alike else 1))
                self.data |= Reply.records(node_rrsets(name, node))
                self.types[name] = [rdataset.rdtype for rdataset in node.rdatasets]
        self.names, self.weights = zip(*self.owners)

    def name(self, draw):
        owner = draw.choices(self.names, self.weights)[0]
        kind = draw.random()
        if kind < 0.35:
            return owner
        if kind < 0.6:
            labels = [self.label(draw) for _ in range(draw.choice((1, 1, 1, 2, 3)))]
            return self.join(labels, owner)
        if kind < 0.75 and len(owner) > 2:
            return self.join([self.label(draw)], owner.parent())
        if kind < 0.87 and len(owner) > 1:
            return dns.name.Name(owner.labels[draw.randrange(1, len(owner)) :])
        if kind < 0.94:
            return self.lengthened(draw, owner)
        outside = draw.choice(OUTSIDE)
        return outside if draw.random() < 0.5 else self.join([self.label(draw)], outside)

    @staticmethod
    def label(draw):
        if draw.random() < 0.8:
            return draw.choice(LABELS).encode()
        return bytes(draw.randrange(256) for _ in range(draw.choice((1, 2, 5, 20, 63))))

    @staticmethod
    def join(labels, below):
        try:
            return dns.name.Name(tuple(labels) + below.labels)
        except dns.name.NameTooLong:
            return below

    @staticmethod
    def lengthened(draw, owner):
        """Up to the last octet that a name may have, or a few less."""
        room = 255 - len(owner.to_wire()) - draw.choice((0, 0, 1, 2, 40, 80))
        labels = []
        while room > 1:
            size = min(room - 1, draw.choice((1, 5, 63, 63)))
            labels.append(b"l" * size)
            room -= size + 1
        return Questions.join(labels, owner)

    @staticmethod
    def other_case(draw, name):
        def turn(octet):
            return octet ^ 32 if octet < 128 and chr(octet).isalpha() and draw.random() < 0.5 else octet

        return dns.name.Name(bytes(map(turn, label)) for label in name.labels)

    def __call__(self, seed, index):
        draw = random.Random("%d/%d" % (seed, index))
        name = self.name(draw)
        rtype = dns.rdatatype.from_text(draw.choice(COMMON.split()))
        kind = draw.random()
        if kind < 0.3 and self.types.get(name):
            rtype = draw.choice(self.types[name])
        elif kind < 0.36:
            rtype = draw.choice(RARE)
        rclass = dns.rdataclass.IN if draw.random() < 0.99 else draw.choice(CLASSES)
        if draw.random() < 0.3:
            name = self.other_case(draw, name)
        tcp = draw.random() < 0.2
        message = dns.message.make_query(name, rtype, rclass)
        message.id = draw.randrange(65536)
        message.flags = draw.choice((0, dns.flags.RD, dns.flags.RD | dns.flags.CD, dns.flags.AD, dns.flags.CD))
        if draw.random() < 0.7:
            options = []
            if draw.random() < 0.15:
                subnet = draw.choice((("198.51.100.0", 24), ("2001:db8::", 56)))
                options.append(dns.edns.ECSOption(*subnet))
            if draw.random() < 0.1:
                options.append(dns.edns.GenericOption(draw.choice((12, 65001)), bytes(draw.randrange(20))))
            message.use_edns(
                1 if draw.random() < 0.01 else 0,
                dns.flags.DO if draw.random() < 0.4 else 0,
                draw.choice(PAYLOADS),
                options=options,
            )
        return message, tcp

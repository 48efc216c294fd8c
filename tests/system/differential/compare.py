"""One question to several servers at once, and what differs between their replies."""
import select
import socket
import struct

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

HEAD = dns.flags.QR | dns.flags.AA | dns.flags.TC | dns.flags.RD | dns.flags.RA | dns.flags.AD | dns.flags.CD


class Reply:
    """What a client can see, apart from the order of records and how they are compressed."""

    def __init__(self, wire):
        self.wire = wire
        message = dns.message.from_wire(wire)
        self.rcode = dns.rcode.to_text(message.rcode())
        self.flags = message.flags & HEAD
        self.question = [(q.name.labels, q.rdtype, q.rdclass) for q in message.question]  # as sent, case and all
        self.answer, self.authority, self.additional = (self.records(s) for s in message.sections[1:])
        self.edns = (message.edns, message.ednsflags & dns.flags.DO)

    @staticmethod
    def records(section):
        return frozenset(
            (name, rrset.rdclass, dns.rdatatype.to_text(rrset.rdtype), rrset.ttl, rdata.to_digestable())
            for rrset in section
            for name in (rrset.name.canonicalize().to_text(),)
            for rdata in rrset
        )

    @property
    def truncated(self):
        return bool(self.flags & dns.flags.TC)

    @property
    def authoritative(self):
        return bool(self.flags & dns.flags.AA)

    def __str__(self):
        text = "%s %s edns=%s %d octets\n" % (self.rcode, dns.flags.to_text(self.flags), self.edns, len(self.wire))
        for name in ("answer", "authority", "additional"):
            for record in sorted(getattr(self, name))[:12]:
                text += "      %-10s %s %d %s %s\n" % (name, record[0], record[3], record[2], record[4].hex()[:60])
        return text


FIELDS = ("rcode", "flags", "question", "edns", "answer", "authority", "additional")


def differing(ours, theirs):
    return {field for field in FIELDS if getattr(ours, field) != getattr(theirs, field)}


class Asker:
    """A UDP socket and a TCP connection to one server."""

    def __init__(self, port):
        self.port = port
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.connect(("127.0.0.1", port))
        self.tcp = None

    def close(self):
        self.udp.close()
        if self.tcp:
            self.tcp.close()

    def send(self, wire, tcp):
        if not tcp:
            self.udp.send(wire)
            return
        for _ in range(2):
            try:
                self.tcp = self.tcp or socket.create_connection(("127.0.0.1", self.port), 5)
                self.tcp.settimeout(5)
                self.tcp.sendall(struct.pack(">H", len(wire)) + wire)
                return
            except OSError:
                self.tcp = None

    def receive(self, ident, tcp):
        """-> octets, or None if there is no reply"""
        if tcp:
            try:
                data = b""
                while len(data) < 2 or len(data) < 2 + struct.unpack(">H", data[:2])[0]:
                    more = self.tcp.recv(65537)
                    if not more:
                        raise EOFError
                    data += more
                return data[2:]
            except (OSError, EOFError):
                self.tcp = None
                return None
        while select.select([self.udp], [], [], 2.0)[0]:
            data = self.udp.recv(65535)
            if data[:2] == ident:
                return data
        return None


class Panel:
    """The servers, by name; the first is ours."""

    def __init__(self, ports):
        self.askers = {name: Asker(port) for name, port in ports.items()}

    def close(self):
        for asker in self.askers.values():
            asker.close()

    def ask_one(self, name, message, tcp):
        wire = message.to_wire()
        self.askers[name].send(wire, tcp)
        return Reply(self.askers[name].receive(wire[:2], tcp))

    def ask(self, message, tcp):
        """-> {name: Reply, or None}"""
        wire, replies = message.to_wire(), {}
        for asker in self.askers.values():
            asker.send(wire, tcp)
        for name, asker in self.askers.items():
            data = asker.receive(wire[:2], tcp)
            replies[name] = Reply(data) if data is not None else None
        return replies

"""The few DNS messages that the benchmark writes and reads, and one question over UDP."""
import socket
import struct


def question(name, subnet=None, dnssec_ok=False):
    """An A query with an OPT record; `subnet` is the three octets of an IPv4 /24 for EDNS Client Subnet."""
    qname = b"".join(bytes([len(x)]) + x.encode() for x in name.split(".")) + b"\0" + struct.pack(">HH", 1, 1)
    option = struct.pack(">HHHBB", 8, 7, 1, 24, 0) + subnet if subnet else b""
    header = struct.pack(">HHHHHH", 0x1234, 0, 1, 0, 0, 1)
    return header + qname + b"\0" + struct.pack(">HHIH", 41, 1232, dnssec_ok << 15, len(option)) + option


def framed(messages):
    """Each with two octets of length before it, as over TCP."""
    return b"".join(struct.pack(">H", len(m)) + m for m in messages)


def addresses(message):
    """-> (rcode, [A addresses in the answer section])"""
    if len(message) < 12:
        return 15, []
    _, flags, questions, answers, _, _ = struct.unpack_from(">HHHHHH", message)
    at = 12

    def after_name(at):
        while message[at]:
            if message[at] & 0xC0:
                return at + 2
            at += message[at] + 1
        return at + 1

    for _ in range(questions):
        at = after_name(at) + 4
    found = []
    for _ in range(answers):
        at = after_name(at)
        rtype, _, _, length = struct.unpack_from(">HHIH", message, at)
        if rtype == 1:
            found.append(socket.inet_ntoa(message[at + 10 : at + 14]))
        at += 10 + length
    return flags & 15, found


def ask(port, message, timeout=1.0):
    """-> the reply, b"" if none came"""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(timeout)
        try:
            s.connect(("127.0.0.1", port))
            s.send(message)
            return s.recv(4096)
        except OSError:
            return b""

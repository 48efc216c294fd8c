"""MaxMind DB files for the model: read into plain lists of address ranges, and written for worlds made up by chance.

Own code on purpose: neither libmaxminddb nor a line of the server stands behind what the server is compared with."""
import struct

MARKER = b"\xab\xcd\xefMaxMind.com"


class Decoder:
    """Values of a data section that begins at `base` in `octets`."""

    def __init__(self, octets, base):
        self.octets, self.base = octets, base

    def value(self, at):
        """The value at an offset into the whole file, and where it ends."""
        octets = self.octets
        control = octets[at]
        at += 1
        kind = control >> 5
        if kind == 1:
            return self.pointer(control, at)
        if kind == 0:
            kind = 7 + octets[at]
            at += 1
        size = control & 0x1F
        if size >= 29:
            more = size - 28
            size = (29, 285, 65821)[more - 1] + int.from_bytes(octets[at : at + more], "big")
            at += more
        return self.of_kind(kind, size, at)

    def pointer(self, control, at):
        width = 1 + (control >> 3 & 3)
        bits = int.from_bytes(self.octets[at : at + width], "big")
        if width < 4:
            bits |= (control & 7) << 8 * width
        target = bits + (0, 2048, 526336, 0)[width - 1]
        return self.value(self.base + target)[0], at + width

    def of_kind(self, kind, size, at):
        octets = self.octets
        if kind == 7:
            out = {}
            for _ in range(size):
                key, at = self.value(at)
                out[key], at = self.value(at)
            return out, at
        if kind == 11:
            out = []
            for _ in range(size):
                item, at = self.value(at)
                out.append(item)
            return out, at
        if kind == 14:
            return bool(size), at
        raw = octets[at : at + size]
        at += size
        if kind == 2:
            return raw.decode(), at
        if kind == 3:
            return struct.unpack(">d", raw)[0], at
        if kind == 15:
            return struct.unpack(">f", raw)[0], at
        if kind == 4:
            return raw, at
        return int.from_bytes(raw, "big"), at


class Database:
    """`ranges[4]` and `ranges[6]`: (first address, record) in order, from 0 on; a record is a dictionary or None."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.octets = file.read()
        marker = self.octets.rfind(MARKER) + len(MARKER)
        meta = Decoder(self.octets, marker).value(marker)[0]
        self.nodes, self.width, version = meta["node_count"], meta["record_size"], meta["ip_version"]
        self.decoder = Decoder(self.octets, self.nodes * self.width // 4 + 16)
        self.records = {}
        self.ranges = {4: [(0, None)], 6: [(0, None)]}
        if version == 4:
            self.ranges[4] = self.walk(0, 32)
            return
        node = 0
        for _ in range(96):
            if node >= self.nodes:
                break
            node = self.child(node, 0)
        else:
            self.ranges[4] = self.walk(node, 32)
        self.ranges[6] = self.walk(0, 128)

    def child(self, node, bit):
        size = self.width // 4
        raw = self.octets[node * size : node * size + size]
        if self.width == 28:
            middle = raw[3]
            if bit:
                return (middle & 15) << 24 | int.from_bytes(raw[4:7], "big")
            return (middle >> 4) << 24 | int.from_bytes(raw[0:3], "big")
        half = size // 2
        return int.from_bytes(raw[half:] if bit else raw[:half], "big")

    def record(self, link):
        if link == self.nodes:
            return None
        if link not in self.records:
            self.records[link] = self.decoder.value(self.decoder.base - 16 + link - self.nodes)[0]
        return self.records[link]

    def walk(self, top, bits):
        out, todo = [], [(top, 0, 0)]
        while todo:
            node, depth, start = todo.pop()
            if node >= self.nodes:
                out.append((start, self.record(node)))
            elif bits == 128 and is_alias(start, depth):
                out.append((start, None))
            else:
                half = 1 << (bits - depth - 1)
                todo.append((self.child(node, 1), depth + 1, start + half))
                todo.append((self.child(node, 0), depth + 1, start))
        return out


def is_alias(start, depth):
    """Where GeoIP2 files link their IPv4 tree a second time: special-purpose addresses, whatever stands there."""
    return (depth, start) in ((96, 0xFFFF << 32), (32, 0x20010000 << 96), (16, 0x2002 << 112))


def encode(value):
    """Text, floats, whole numbers (of 32 bits), dictionaries, lists; ("float32", x), ("uint16", n), ("uint64", n)."""
    if isinstance(value, str):
        raw = value.encode()
        return control(2, len(raw)) + raw
    if isinstance(value, float):
        return control(3, 8) + struct.pack(">d", value)
    if isinstance(value, tuple) and value[0] == "float32":
        return control(15, 4) + struct.pack(">f", value[1])
    if isinstance(value, (int, tuple)):
        kind, number = value if isinstance(value, tuple) else ("uint32", value)
        raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
        return control({"uint16": 5, "uint32": 6, "uint64": 9}[kind], len(raw)) + raw
    if isinstance(value, dict):
        return control(7, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())
    return control(11, len(value)) + b"".join(map(encode, value))


def control(kind, size):
    lead, more = (kind << 5, b"") if kind < 8 else (0, bytes([kind - 7]))
    if size < 29:
        return bytes([lead | size]) + more
    return bytes([lead | 29]) + more + bytes([size - 29])


def write(path, entries, version=6, width=28, kind="made up"):
    """@param entries  (network of ipaddress, record); later ones lie over earlier ones"""
    nodes = [[None, None]]
    for network, record in entries:
        bits = f"{int(network.network_address):0{network.max_prefixlen}b}"[: network.prefixlen]
        if version == 6 and network.version == 4:
            bits = "0" * 96 + bits
        put(nodes, bits, encode(record))
    data, offsets = bytearray(), {}
    for links in nodes:
        for link in links:
            if isinstance(link, bytes) and link not in offsets:
                offsets[link] = len(data)
                data += link

    def number(link):
        if link is None:
            return len(nodes)
        return link if isinstance(link, int) else len(nodes) + 16 + offsets[link]

    tree = bytearray()
    for left, right in ((number(a), number(b)) for a, b in nodes):
        if width == 28:
            middle = bytes([(left >> 24) << 4 | right >> 24])
            tree += left.to_bytes(4, "big")[1:] + middle + right.to_bytes(4, "big")[1:]
        else:
            tree += left.to_bytes(width // 8, "big") + right.to_bytes(width // 8, "big")
    meta = {"binary_format_major_version": ("uint16", 2), "binary_format_minor_version": ("uint16", 0),
            "build_epoch": ("uint64", 1), "ip_version": ("uint16", version), "database_type": kind, "languages": ["en"],
            "description": {"en": "made up"}, "node_count": len(nodes), "record_size": ("uint16", width)}
    with open(path, "wb") as file:
        file.write(bytes(tree) + bytes(16) + bytes(data) + MARKER + encode(meta))


def put(nodes, bits, leaf):
    node = 0
    for bit in bits[:-1]:
        link = nodes[node][int(bit)]
        if not isinstance(link, int):
            nodes.append([link, link])
            link = nodes[node][int(bit)] = len(nodes) - 1
        node = link
    nodes[node][int(bits[-1])] = leaf

"""MaxMind DB files with nothing but the standard library: a small reader, and
a writer of a synthetic GeoIP2-City-schema database for machines where no real
one can be had."""
import random
import struct


class Reader:
    def __init__(self, path):
        with open(path, "rb") as f:
            self.b = f.read()
        m = self.b.rfind(b"\xab\xcd\xefMaxMind.com")
        if m < 0:
            raise ValueError("not a MaxMind DB: " + path)
        self.meta, _ = self._dec(m + 14, m + 14)
        self.n, self.rs = self.meta["node_count"], self.meta["record_size"]
        self.nb = self.rs // 4
        self.data = self.n * self.nb + 16
        self.v4 = 0
        if self.meta["ip_version"] == 6:
            for _ in range(96):
                self.v4 = self._rec(self.v4, 0)
                if self.v4 >= self.n:
                    break
        self.cache = {}

    def _rec(self, node, bit):
        o = node * self.nb
        b = self.b
        if self.rs == 24:
            o += 3 * bit
            return b[o] << 16 | b[o + 1] << 8 | b[o + 2]
        if self.rs == 28:
            if bit:
                return (b[o + 3] & 15) << 24 | b[o + 4] << 16 | b[o + 5] << 8 | b[o + 6]
            return (b[o + 3] >> 4) << 24 | b[o] << 16 | b[o + 1] << 8 | b[o + 2]
        return struct.unpack_from(">I", b, o + 4 * bit)[0]

    def find(self, addr):
        """addr: 32-bit integer -> record number, or None"""
        node = self.v4
        for i in range(31, -1, -1):
            if node >= self.n:
                break
            node = self._rec(node, addr >> i & 1)
        return node if node > self.n else None

    def get(self, addr):
        r = self.find(addr)
        if r is None:
            return None
        if r not in self.cache:
            self.cache[r] = self._dec(self.data + r - self.n - 16, self.data)[0]
        return self.cache[r]

    def _dec(self, o, base):
        b = self.b
        c = b[o]
        o += 1
        t = c >> 5
        if t == 1:
            ss, v = c >> 3 & 3, c & 7
            if ss == 0:
                p, o = v << 8 | b[o], o + 1
            elif ss == 1:
                p, o = (v << 16 | b[o] << 8 | b[o + 1]) + 2048, o + 2
            elif ss == 2:
                p, o = (v << 24 | b[o] << 16 | b[o + 1] << 8 | b[o + 2]) + 526336, o + 3
            else:
                p, o = struct.unpack_from(">I", b, o)[0], o + 4
            return self._dec(base + p, base)[0], o
        if t == 0:
            t = b[o] + 7
            o += 1
        n = c & 31
        if n == 29:
            n, o = 29 + b[o], o + 1
        elif n == 30:
            n, o = 285 + (b[o] << 8 | b[o + 1]), o + 2
        elif n == 31:
            n, o = 65821 + (b[o] << 16 | b[o + 1] << 8 | b[o + 2]), o + 3
        if t == 2:
            return b[o : o + n].decode(), o + n
        if t == 3:
            return struct.unpack_from(">d", b, o)[0], o + 8
        if t == 15:
            return struct.unpack_from(">f", b, o)[0], o + 4
        if t == 4:
            return b[o : o + n], o + n
        if t in (5, 6, 8, 9, 10):
            return int.from_bytes(b[o : o + n], "big"), o + n
        if t == 14:
            return bool(n), o
        if t == 7:
            m = {}
            for _ in range(n):
                k, o = self._dec(o, base)
                m[k], o = self._dec(o, base)
            return m, o
        if t == 11:
            a = []
            for _ in range(n):
                v, o = self._dec(o, base)
                a.append(v)
            return a, o
        raise ValueError("type %d" % t)


def _ctl(t, n):
    ext = b""
    if t > 7:
        t, ext = 0, bytes([t - 7])
    if n < 29:
        return bytes([t << 5 | n]) + ext
    if n < 285:
        return bytes([t << 5 | 29]) + ext + bytes([n - 29])
    return bytes([t << 5 | 30]) + ext + struct.pack(">H", n - 285)


def enc(v):
    if isinstance(v, str):
        return _ctl(2, len(v.encode())) + v.encode()
    if isinstance(v, float):
        return _ctl(3, 8) + struct.pack(">d", v)
    if isinstance(v, dict):
        return _ctl(7, len(v)) + b"".join(enc(k) + enc(x) for k, x in v.items())
    if isinstance(v, list):
        return _ctl(11, len(v)) + b"".join(enc(x) for x in v)
    if isinstance(v, tuple):  # (type number, integer)
        t, i = v
        raw = i.to_bytes((i.bit_length() + 7) // 8, "big")
        return _ctl(t, len(raw)) + raw
    raise TypeError(v)


PLACES = [
    ("NA", "US", "New York", 40.7, -74.0),
    ("NA", "US", "Seattle", 47.6, -122.3),
    ("NA", "CA", "Toronto", 43.7, -79.4),
    ("NA", "MX", "Mexico City", 19.4, -99.1),
    ("SA", "BR", "Sao Paulo", -23.5, -46.6),
    ("SA", "AR", "Buenos Aires", -34.6, -58.4),
    ("EU", "GB", "London", 51.5, -0.1),
    ("EU", "FR", "Paris", 48.9, 2.4),
    ("EU", "ES", "Madrid", 40.4, -3.7),
    ("EU", "DE", "Berlin", 52.5, 13.4),
    ("EU", "PL", "Warsaw", 52.2, 21.0),
    ("EU", "CZ", "Prague", 50.1, 14.4),
    ("AF", "ZA", "Cape Town", -33.9, 18.4),
    ("AF", "NG", "Lagos", 6.5, 3.4),
    ("AS", "JP", "Tokyo", 35.7, 139.7),
    ("AS", "KR", "Seoul", 37.6, 127.0),
    ("AS", "CN", "Beijing", 39.9, 116.4),
    ("AS", "IN", "Mumbai", 19.1, 72.9),
    ("AS", "SG", "Singapore", 1.4, 103.8),
    ("OC", "AU", "Sydney", -33.9, 151.2),
    ("OC", "NZ", "Auckland", -36.8, 174.8),
]


def synthetic(path, nets=200000, seed=7):
    """Random IPv4 prefixes (/12../24) over a few places, GeoIP2-City schema, IPv6 tree."""
    r = random.Random(seed)
    data, offs = bytearray(), []
    for cont, cc, city, lat, lon in PLACES:
        offs.append(len(data))
        data += enc(
            {
                "city": {"names": {"en": city}},
                "continent": {"code": cont, "names": {"en": cont}},
                "country": {"iso_code": cc, "names": {"en": cc}},
                "location": {"latitude": lat, "longitude": lon},
            }
        )
    L, R = [0], [0]  # 0 = empty, >0 = node, <0 = -(place+1)

    def put(addr, plen, place, start):
        n = start
        for i in range(31, 31 - plen, -1):
            a = R if addr >> i & 1 else L
            if i == 32 - plen:
                a[n] = -(place + 1)
                return
            c = a[n]
            if c <= 0:
                L.append(c), R.append(c)
                c = a[n] = len(L) - 1
            n = c

    n = 0
    for _ in range(96):
        L.append(0), R.append(0)
        L[n] = n + 1
        n += 1
    for i in range(nets):
        plen = (
            r.choice((12, 14, 16, 16, 18, 19, 20, 20, 21, 22, 22, 23, 24, 24, 24, 24))
            if i >= 4000
            else 10 + i * 6 // 4000
        )
        put(r.randrange(1 << 24, 224 << 24) & (0xFFFFFFFF << 32 - plen & 0xFFFFFFFF), plen, r.randrange(len(PLACES)), n)
    N = len(L)
    tree = bytearray()
    for a, b in zip(L, R):
        for v in (a, b):
            tree += struct.pack(">I", v if v > 0 else N if v == 0 else N + 16 + offs[-v - 1])
    meta = enc(
        {
            "binary_format_major_version": (5, 2),
            "binary_format_minor_version": (5, 0),
            "build_epoch": (9, 1700000000),
            "database_type": "GeoLite2-City",
            "description": {"en": "synthetic"},
            "ip_version": (5, 6),
            "languages": ["en"],
            "node_count": (6, N),
            "record_size": (5, 32),
        }
    )
    with open(path, "wb") as f:
        f.write(bytes(tree) + bytes(16) + bytes(data) + b"\xab\xcd\xefMaxMind.com" + meta)


if __name__ == "__main__":
    import sys

    synthetic(sys.argv[1])
    print(Reader(sys.argv[1]).get(0x08080808))

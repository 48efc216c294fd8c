"""Hashes, bit by bit, and slot tables, as docs/configuration.md and the headers of policy/ define them: exact
proportions of slots, and who owns which."""
import math

MASK = (1 << 64) - 1


def mix(x):
    for _ in range(2):
        x ^= x >> 32
        x = x * 0xD6E8FEB86659FD93 & MASK
    return x ^ x >> 32


def combine(seed, value):
    return mix(seed ^ (value + 0x9E3779B97F4A7C15 + (seed << 6 & MASK) + (seed >> 2)) & MASK)


def hash_octets(data, seed=0):
    h = seed ^ (len(data) * 0x9E3779B97F4A7C15 & MASK)
    whole = len(data) - len(data) % 8
    for at in range(0, whole, 8):
        h = mix(h ^ int.from_bytes(data[at : at + 8], "little")) + 0x9E3779B97F4A7C15 & MASK
    if len(data) > whole:
        h = mix(h ^ short_word(data[whole:]))
    return mix(h)


def short_word(tail):
    """One to seven octets as a number: two halves that overlap from four on, first, middle and last below."""
    if len(tail) >= 4:
        first = int.from_bytes(tail[:4], "little")
        last = int.from_bytes(tail[-4:], "little")
        return first | last << 8 * (len(tail) - 4)
    middle = len(tail) // 2
    return tail[0] | tail[middle] << 8 * middle | tail[-1] << 8 * (len(tail) - 1)


class Slots:
    """The slots of one service: its salt, and the key of each of its endpoints."""

    def __init__(self, salt, keys):
        self.salt, self.keys = salt, keys
        self.count = 1024
        while self.count < 8 * len(keys):
            self.count *= 2
        self.hashes = {}

    def hash_of(self, slot, key):
        if (slot, key) not in self.hashes:
            self.hashes[slot, key] = combine(combine(self.salt, slot), key)
        return self.hashes[slot, key]

    def of_client(self, packed, length):
        """@param packed  4 or 16 octets of the client's address"""
        bits = 8 * len(packed)
        network = int.from_bytes(packed, "big") >> (bits - length) << (bits - length)
        octets = network.to_bytes(len(packed), "big").ljust(16, b"\0")
        seed = combine(self.salt, int.from_bytes(octets[:8], "little"))
        return (combine(seed, int.from_bytes(octets[8:], "little")) >> 32) * self.count >> 32

    def rendezvous(self, slot, choice, weight):
        """The choice with the greatest of these comes first."""
        return -weight / math.log((float(self.hash_of(slot, self.keys[choice]) >> 11) + 0.5) * 2.0**-53)

    def quotas(self, shares, keys):
        """Whole slots for each share; what is left over goes to the largest remainders, then to the lower keys."""
        out, rest, given = [], [], 0
        for share in shares:
            exact = max(share, 0.0) * self.count
            out.append(min(int(exact + 1e-9), self.count - given))
            rest.append(exact - out[-1])
            given += out[-1]
        order = sorted((i for i in range(len(shares)) if shares[i] > 0), key=lambda i: (-rest[i], keys[i], i))
        for turn in range(self.count - given):
            out[order[turn % len(order)]] += 1
        return out

    def fill(self, stages, keys=None):
        """The owner of each slot: as the first shares lay it out, and then with as few changes as each next demands."""
        keys = self.keys if keys is None else keys
        if 1.0 in stages[-1]:
            return [stages[-1].index(1.0)] * self.count
        owners = self.assign([None] * self.count, self.quotas(stages[0], keys), keys)
        for before, after in zip(stages, stages[1:]):
            if before != after:
                owners = self.move(owners, self.quotas(before, keys), self.quotas(after, keys), keys)
        return owners

    def move(self, owners, before, after, keys):
        surplus = [max(0, b - a) for b, a in zip(before, after)]
        for slot in sorted(range(self.count), key=lambda slot: (combine(~self.salt & MASK, slot), slot)):
            if surplus[owners[slot]] > 0:
                surplus[owners[slot]] -= 1
                owners[slot] = None
        return self.assign(owners, [max(0, a - b) for b, a in zip(before, after)], keys)

    def assign(self, owners, wanting, keys):
        """Gives the free slots to those who want them: of all pairs the one with the lowest hash goes first."""
        free = [slot for slot in range(self.count) if owners[slot] is None]
        wants = [choice for choice in range(len(keys)) if wanting[choice]]
        assert len(free) * len(wants) <= 1 << 16, "so many are laid out on a ring, which this model does not know"
        for _, slot, choice in sorted((self.hash_of(slot, keys[c]), slot, c) for slot in free for c in wants):
            if owners[slot] is None and wanting[choice]:
                owners[slot] = choice
                wanting[choice] -= 1
        return owners

"""Which endpoints a client gets: filters, tiers, shares, slots and TTL, as docs/configuration.md and the headers of
policy/ define them, by their words and with plain lists."""
import math

SLOTS = 1024
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


def client_slot(packed, length, salt):
    """@param packed  4 or 16 octets of the client's address"""
    bits = 8 * len(packed)
    network = int.from_bytes(packed, "big") >> (bits - length) << (bits - length)
    octets = network.to_bytes(len(packed), "big").ljust(16, b"\0")
    seed = combine(salt, int.from_bytes(octets[:8], "little"))
    return (combine(seed, int.from_bytes(octets[8:], "little")) >> 32) * SLOTS >> 32


class Rendezvous:
    """Who owns which slot. Logarithms are kept: they depend on the service alone."""

    def __init__(self, salt):
        self.salt, self.logarithms = salt, {}

    def rank(self, slot, choice, weight):
        key = (slot, choice)
        if key not in self.logarithms:
            h = combine(combine(self.salt, slot), choice)
            self.logarithms[key] = math.log((float(h >> 11) + 0.5) * 2.0**-53)
        return -weight / self.logarithms[key]


def quotas(shares):
    out, rest = [], []
    given = 0
    for share in shares:
        exact = share * SLOTS
        out.append(min(int(exact + 1e-9), SLOTS - given))
        rest.append(exact - out[-1])
        given += out[-1]
    order = sorted(range(len(shares)), key=lambda i: -rest[i])
    turn = 0
    while given < SLOTS:
        if shares[order[turn]] > 0:
            out[order[turn]] += 1
            given += 1
        turn = (turn + 1) % len(order)
    return out


def fill_slots(base, now, rendezvous):
    if 1.0 in now:
        return [now.index(1.0)] * SLOTS
    slots = [None] * SLOTS
    base_quota = quotas(base)
    assign(slots, base, list(base_quota), rendezvous)
    if base == now:
        return slots
    quota = quotas(now)
    for choice in range(len(now)):
        surplus = base_quota[choice] - quota[choice]
        if surplus > 0:
            owned = sorted((rendezvous.rank(slot, choice, 1), slot) for slot in range(SLOTS) if slots[slot] == choice)
            for _, slot in owned[:surplus]:
                slots[slot] = None
    assign(slots, now, [max(0, quota[i] - base_quota[i]) for i in range(len(now))], rendezvous)
    return slots


def assign(slots, shares, wanting, rendezvous):
    for slot in range(SLOTS):
        if slots[slot] is None:
            wants = [choice for choice in range(len(shares)) if wanting[choice]]
            slots[slot] = max(wants, key=lambda choice: rendezvous.rank(slot, choice, shares[choice]))
            wanting[slots[slot]] -= 1


def split(tiers, key):
    out = []
    for tier in tiers:
        for value in sorted({key(e) for e in tier}):
            out.append([e for e in tier if key(e) == value])
    return out


def split_by_distance(tiers, kilometres, within):
    """@param kilometres  of an endpoint; None where the client's or the site's place is not known"""
    out = []
    for tier in tiers:
        left = sorted((e for e in tier if kilometres(e) is not None), key=kilometres)
        placeless = [e for e in tier if kilometres(e) is None]
        while left:
            limit = kilometres(left[0]) + within
            out.append(sorted(e for e in left if kilometres(e) <= limit))
            left = [e for e in left if kilometres(e) > limit]
        if placeless:
            out.append(placeless)
    return out


def share_tiers(service, tiers, effective):
    """(mode, [(members, share)], tiers consulted, weights)"""
    members = [e for tier in tiers for e in tier]
    weight = lambda e: service.endpoints[e].weight
    configured = {e: float(weight(e)) for e in members}
    if sum(configured.values()) == 0:
        configured = {e: 1.0 for e in members}
    everything = sum(configured.values())
    weights = {e: effective[e] if weight(e) > 0 else 0.0 for e in members}
    up = sum(weights.values())
    if up == 0:
        weights.update({e: effective[e] for e in members if weight(e) == 0})
        up = sum(weights.values())
    if everything == 0 or (up == 0 and service.all_down == "none"):
        return "nothing" if tiers else "fenced", [], len(tiers), weights
    mode = "normal"
    if service.all_down == "as_if_up" and (up == 0 or up < service.panic_below * everything):
        mode, weights = "fail_open", configured
    out, left, consulted = [], 1.0, 0
    for tier in tiers:
        consulted += 1
        have = sum(weights[e] for e in tier)
        if have == 0:
            continue
        a = have / max(sum(configured[e] for e in tier), have)
        keep = min(1.0, a / service.spill_below) if service.spill_below > 0 else 1.0
        out.append(([e for e in tier if weights[e] > 0], left * keep))
        left -= left * keep
        if left < 1e-9:
            break
    return mode, [(group, share / (1 - left)) for group, share in out], consulted, weights


class Decision:
    """What one client class of a service gets in one state: slots of lists of endpoints, and the rest of an answer."""

    def __init__(self, mode, ttl, slots, by_query):
        self.mode, self.ttl = mode, ttl
        self.slots = slots  # None: nothing to answer with
        self.by_query = by_query
        self.fixed = slots is not None and all(one == slots[0] for one in slots)


def decide(service, family, tiers, states):
    """@param states  for each endpoint (verdict, in motion, seconds until a change, thousandths of slow start)"""
    has = lambda e: service.endpoints[e].address[family] is not None
    everyone = range(len(service.endpoints))
    up = lambda e: states[e][0] == "up"
    stand_in = [max(service.endpoints[e].weight, 1) for e in everyone]
    now = [stand_in[e] * (states[e][3] / 1000.0) if has(e) and up(e) else 0.0 for e in everyone]
    healthy = [float(stand_in[e]) if has(e) else 0.0 for e in everyone]
    mode, shares, consulted, weights = share_tiers(service, tiers, now)
    ttl = ttl_of(service, [e for tier in tiers[:consulted] for e in tier], states)
    if mode in ("fenced", "nothing"):
        fallback = [("fallback", i) for i, a in enumerate(service.fallback) if a.version == family]
        return Decision(mode, ttl, [fallback] * SLOTS if fallback else None, False)
    if service.selection in ("rotate", "all"):
        return Decision(mode, ttl, lists(service, shares), service.selection == "rotate")
    slots = draws(service, shares, mode, weights, share_tiers(service, tiers, healthy))
    return Decision(mode, ttl, slots, service.selection == "by_query")


def ttl_of(service, members, states):
    lowest = service.ttl
    for e in members:
        verdict, in_motion, until, ramp = states[e]
        if verdict == "unknown" or (verdict == "up" and ramp < 1000):
            lowest = service.ttl_min
        if in_motion:
            lowest = min(lowest, max(int(until), service.ttl_min))
    return lowest


def lists(service, shares):
    parts, sets = [], []
    for members, share in shares:
        turns = len(members) if service.selection == "rotate" else 1
        for turn in range(turns):
            parts.append(share / turns)
            sets.append((members[turn:] + members[:turn])[: service.take])
    return [sets[owner] for owner in fill_slots(parts, parts, service.rendezvous)]


def draws(service, shares, mode, weights, base):
    def draw_weight(e, in_mode, of):
        if service.weighted:
            return of[e]
        return 1.0 if in_mode == "fail_open" else of[e] / max(service.endpoints[e].weight, 1)

    def first_shares(of_shares, in_mode, of):
        out = [0.0] * len(service.endpoints)
        for members, share in of_shares:
            total = 0.0
            for e in members:
                total += draw_weight(e, in_mode, of)
            for e in members:
                out[e] = share * draw_weight(e, in_mode, of) / total
        return out

    first = fill_slots(first_shares(base[1], base[0], base[3]), first_shares(shares, mode, weights), service.rendezvous)
    out = []
    for slot in range(SLOTS):
        chosen = [first[slot]]
        if service.take > 1:
            for members, _ in shares:
                others = sorted((-service.rendezvous.rank(slot, e, draw_weight(e, mode, weights)), e)
                                for e in members if e != first[slot])
                chosen += [e for _, e in others]
        out.append(chosen[: service.take])
    return out

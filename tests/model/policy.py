"""What each client class of a service gets in one state of health: shares of tiers, slots and TTL, and the latch of
`failback`, as docs/policies.md and the headers of policy/ define them, by their words and with plain lists."""


def split(tiers, key):
    out = []
    for tier in tiers:
        for value in sorted({key(e) for e in tier}):
            out.append([e for e in tier if key(e) == value])
    return out


def split_by_cost(tiers, cost, within):
    """The cheapest of each tier and those that cost no more than `within` beyond it, then the same of the rest."""
    out = []
    for tier in tiers:
        left = sorted(tier, key=cost)
        while left:
            limit = cost(left[0]) + within
            out.append(sorted(e for e in left if cost(e) <= limit))
            left = [e for e in left if cost(e) > limit]
    return out


def total(numbers):
    out = 0.0
    for number in numbers:
        out += number
    return out


class Share:
    """A tier, or the part of one, that clients are sent to."""

    def __init__(self, members, share, canary):
        self.members, self.share, self.canary = members, share, canary


class Walk:
    """What each tier of a chain keeps of the clients, from the first on."""

    def __init__(self, tiers, weights, configured, spill_below):
        self.shares, self.left, self.carries = [], 1.0, 0.0
        for tier in tiers:
            have = total(weights[e] for e in tier)
            a = have / max(total(configured[e] for e in tier), have) if have > 0 else 0.0
            keeps = 0.0 if a == 0 else min(1.0, a / spill_below) if spill_below > 0 else 1.0
            self.shares.append(self.left * keeps)
            self.carries += self.left * a
            self.left -= self.shares[-1]
            if self.left < 1e-9:
                self.left = 0.0
                break


class Sharing:
    """Who carries which part of a class of clients. `mode` is normal, fail_open, last_resort, fenced or nothing."""

    def __init__(self, service, tiers, effective, held=None, kept=None, turns=None):
        everyone = range(len(service.endpoints))
        self.service, self.tiers = service, tiers
        self.effective = list(effective)
        self.held = held or [False] * len(everyone)
        self.kept = kept or [0.0] * len(everyone)
        self.turns = turns or [0] * len(everyone)
        self.configured, self.weights = [0.0] * len(everyone), [0.0] * len(everyone)
        self.draws = [0.0] * len(everyone)
        self.shares, self.mode, self.consulted = [], "normal", 0
        self.walks = [None] * len(service.inner)
        for i in reversed(range(len(service.inner))):
            self.walk_inner(i)
        self.share_own()

    def weight(self, e):
        return self.service.endpoints[e].weight

    def walk_inner(self, i):
        self.weigh(self.tiers.inner[i], True)
        self.walks[i] = Walk(self.tiers.inner[i], self.weights, self.configured, self.service.inner[i].spill_below)
        for e, endpoint in enumerate(self.service.endpoints):
            if endpoint.inner == i:
                self.effective[e] = max(endpoint.weight, 1) * self.walks[i].carries

    def weigh(self, tiers, may_open):
        """Weight 0 is "only if nothing else is up"; those held back come before it, those kept by `keep` after."""
        members = [e for tier in tiers for e in tier]
        all_zero = all(self.weight(e) == 0 for e in members)
        for e in members:
            self.configured[e] = 1.0 if all_zero else float(self.weight(e))
        for counts in (lambda e: self.weight(e) > 0 and not self.held[e], lambda e: self.weight(e) > 0, lambda e: True):
            for e in members:
                self.weights[e] = self.effective[e] if counts(e) else 0.0
            up = total(self.weights[e] for e in members)
            if up > 0:
                return up
        if may_open:
            return 0.0
        for e in members:
            self.weights[e] = self.kept[e]
        return total(self.weights[e] for e in members)

    def share_own(self):
        service, own = self.service, self.tiers.own
        may_open = service.all_down == "as_if_up"
        up = self.weigh(own, may_open)
        everything = total(total(self.configured[e] for e in tier) for tier in own)
        lost = everything == 0 or (up == 0 and not may_open)
        canary = 0.0
        if service.canary:
            wanted = 1.0 if self.tiers.canary_network else service.canary.share
            canary = wanted * (1 - self.walks[service.canary.inner].left)
        if lost and canary != 1:
            self.mode, self.consulted = ("nothing" if own else "fenced"), len(own)
            return
        trusted = total(total(self.configured[e] for e in tier if self.turn(e) == 0) for tier in own)
        if not lost and may_open and (up == 0 or up < service.panic_below * trusted):
            self.open()
        if not lost:
            walk = Walk(own, self.weights, self.configured, service.own.spill_below)
            self.consulted = len(walk.shares)
            self.flatten(service.own, own, walk, 1 - canary, False)
        if canary > 0:
            self.flatten_inner(service.canary.inner, canary, True)
        self.shares = [one for one in self.shares if one.share > 0]

    def turn(self, e):
        """When it stands in if nothing else exists: people took it out; 0 if they did not."""
        inner = self.service.endpoints[e].inner
        return self.turns[e] if inner is None else self.first_turn(self.tiers.inner[inner])

    def first_turn(self, tiers):
        return min((self.turn(e) for tier in tiers for e in tier), default=3)

    def open(self):
        self.last = self.first_turn(self.tiers.own)
        self.mode = "last_resort" if self.last else "fail_open"
        for i in reversed(range(len(self.service.inner))):
            if not self.service.canary or self.service.canary.inner != i:
                self.as_configured(self.tiers.inner[i])
                self.walks[i] = Walk(self.tiers.inner[i], self.weights, self.configured,
                                     self.service.inner[i].spill_below)
        self.as_configured(self.tiers.own)

    def as_configured(self, tiers):
        members = [e for tier in tiers for e in tier]
        joins = [e for e in members if self.turn(e) <= self.last]
        nothing = all(self.configured[e] == 0 for e in joins)
        for e in members:
            self.weights[e] = 0.0 if e not in joins else 1.0 if nothing else self.configured[e]

    def draw(self, chain, e):
        weight = self.weights[e]
        if weight == 0 and self.mode == "normal":
            weight = self.kept[e]
        if chain.weighted:
            return weight
        if self.mode in ("fail_open", "last_resort"):
            return 1.0 if weight > 0 else 0.0
        return weight / max(self.weight(e), 1)

    def flatten(self, chain, tiers, walk, scale, canary):
        """Where another service is drawn, its own tiers come in its place."""
        for tier, kept in zip(tiers, walk.shares):
            if kept <= 0:
                continue
            share = scale * kept / (1 - walk.left)
            whole = total(self.draw(chain, e) for e in tier)
            here = Share([], 0.0, canary)
            for e in tier:
                draw = self.draw(chain, e)
                if draw == 0:
                    continue
                inner = self.service.endpoints[e].inner
                if inner is not None:
                    self.flatten_inner(inner, share * draw / whole, canary)
                    continue
                self.draws[e] = draw
                here.members.append(e)
                here.share += share * draw / whole
            if here.members:
                self.shares.append(here)

    def flatten_inner(self, i, scale, canary):
        self.flatten(self.service.inner[i], self.tiers.inner[i], self.walks[i], scale, canary)

    def firsts(self, canary=True):
        """The part of the clients whose first answer each endpoint is; or of those who do not go to the canary."""
        others = total(one.share for one in self.shares if not one.canary)
        out = [0.0] * len(self.draws)
        for one in self.shares:
            share = one.share
            if not canary and others > 0:
                share = 0.0 if one.canary else share / others
            whole = total(self.draws[e] for e in one.members)
            for e in one.members:
                out[e] = share * self.draws[e] / whole
        return out


class Decision:
    """What one client class of a service gets in one state: slots of lists of endpoints, and the rest of an answer."""

    def __init__(self, mode, ttl, slots, by_query):
        self.mode, self.ttl = mode, ttl
        self.slots = slots  # None: nothing to answer with
        self.by_query = by_query
        self.fixed = slots is not None and all(one == slots[0] for one in slots)


def decide(service, family, tiers, states, held):
    """@param states  for each endpoint (verdict, in motion, seconds until a change, thousandths of slow start, order)"""
    present = [endpoint.address[family] is not None for endpoint in service.endpoints]
    healthy = [float(max(endpoint.weight, 1)) if there else 0.0 for endpoint, there in zip(service.endpoints, present)]
    now = [whole * (state[3] / 1000.0) if (state[4] or state[0]) == "up" else 0.0 for whole, state in zip(healthy, states)]
    sharing = Sharing(service, tiers, now, held, kept_by(service, present, healthy, now, states),
                      [turn_of(state) for state in states])
    behind = service.addresses_in(tiers, tiers.own[: sharing.consulted])
    if service.canary:
        behind += service.addresses_in(tiers, tiers.inner[service.canary.inner])
    ttl = ttl_of(service, behind, states)
    if sharing.mode in ("fenced", "nothing"):
        fallback = [("fallback", i) for i, a in enumerate(service.fallback) if a.version == family]
        if sharing.mode == "fenced" and not service.fallback_outside:
            fallback = []
        return Decision(sharing.mode, ttl, [fallback] * service.slots.count if fallback else None, False)
    if service.selection in ("rotate", "all"):
        return Decision(sharing.mode, ttl, lists(service, sharing), service.selection == "rotate")
    base = Sharing(service, tiers, healthy)
    return Decision(sharing.mode, ttl, draws(service, sharing, base), service.selection == "by_query")


def kept_by(service, present, healthy, now, states):
    """`keep`: as many of those that are down as are missing to it, the heaviest first."""
    out = [0.0] * len(now)
    mine = [e for e in range(len(now)) if present[e] and not service.in_canary(e)]
    missing = service.keep - sum(now[e] > 0 for e in mine)
    down = [e for e in mine if states[e][0] == "down" and not states[e][4]]
    down.sort(key=lambda e: (-service.endpoints[e].weight, service.slots.keys[e]))
    for e in down[: max(0, missing)]:
        out[e] = healthy[e]
    return out


def turn_of(state):
    verdict, *_, ordered = state
    return {"drain": 1 if verdict == "up" else 2, "down": 3}.get(ordered, 0)


def ttl_of(service, members, states):
    lowest = service.ttl
    for e in members:
        verdict, in_motion, until, ramp, ordered = states[e]
        if (verdict == "unknown" and not ordered) or (verdict == "up" and ramp < 1000):
            lowest = service.ttl_min
        if in_motion:
            lowest = min(lowest, max(int(until), service.ttl_min))
    return lowest


def lists(service, sharing):
    parts, sets = [], []
    for one in sharing.shares:
        turns = len(one.members) if service.selection == "rotate" else 1
        for turn in range(turns):
            parts.append(one.share / turns)
            sets.append((one.members[turn:] + one.members[:turn])[: service.take])
    keys = [service.slots.keys[members[0]] for members in sets]
    return [sets[owner] for owner in service.slots.fill([parts], keys)]


def draws(service, sharing, base):
    slots = service.slots
    stages = [base.firsts(canary=False)] if service.canary else []
    first = slots.fill([*stages, base.firsts(), sharing.firsts()])
    out = []
    for slot in range(slots.count):
        chosen = [first[slot]]
        home = next(one for one in sharing.shares if chosen[0] in one.members)
        for one in sharing.shares:
            if service.take > 1 and one.canary == home.canary:
                others = sorted((-slots.rendezvous(slot, e, sharing.draws[e]), e)
                                for e in one.members if e != chosen[0])
                chosen += [e for _, e in others]
        out.append(chosen[: service.take])
    return out


class Latch:
    """Clients who have left for a later tier of `priority` stay there, until `failback` lets them go back."""

    def __init__(self):
        self.floor, self.back = 0, None

    def step(self, wait, tiers, now):
        """@param wait  seconds, or None for "manual"; @param tiers  for each "down", "undecided" or "up" """
        best = next((i for i, health in enumerate(tiers) if health != "down"), None)
        stays = any(health != "down" for health in tiers[self.floor :])
        if best is None or tiers[best] == "undecided" or best == self.floor:
            self.back = None
        elif best > self.floor or not stays:
            self.floor, self.back = best, None
        else:
            self.back = now if self.back is None else self.back
            if wait is not None and now >= self.back + wait:
                self.floor, self.back = best, None

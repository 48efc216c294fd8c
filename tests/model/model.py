"""The whole chain from a configuration to an answer, the slow way: YAML and databases in, what a client may be answered
out. Reads only what docs/configuration.md promises; shares nothing with the server."""
import os

import yaml

import policy
from geography import BITS, SPECIAL, Geography, Runs
from service import Service, Zone, seconds


class World:
    """A configuration with its databases."""

    def __init__(self, path, countries_path):
        with open(path, encoding="utf-8") as file:
            config = yaml.safe_load(file)
        self.services = {}
        tables = []
        for name, spec in config["zones"].items():
            zone = Zone(name, spec, config, os.path.dirname(path))
            for owner, service in spec["services"].items():
                full = name if owner == "@" else f"{owner}.{name}"
                self.services[full] = Service(full, service, zone)
            tables += [zone.table(value["table"]) for s in self.services.values() for chain in [s.own, *s.inner]
                       for kind, value in chain.steps if kind == "fastest"]
        listed = {n for s in self.services.values() for e in s.endpoints for n in e.serves.networks}
        listed |= {n for s in self.services.values() if s.canary for n in s.canary.networks}
        listed |= {n for table in tables for n in table.rows}
        geo = config.get("geo", {})
        self.geography = Geography(geo, os.path.dirname(path), sorted(listed, key=str), countries_path)
        self.states, self.decisions, self.now = {}, {}, 0
        self.latches = {(name, family): policy.Latch() for name in self.services for family in (4, 6)}
        self.asked = {name: service.questions() for name, service in self.services.items()}
        self.runs = {family: self.runs_of(family) for family in (4, 6)}

    def runs_of(self, family):
        """For each service, which addresses are one class; and under "" which are one for all of them."""
        ranges, bits = self.geography.ranges[family], BITS[family]
        known = {}

        def keys_of(place, special, networks):
            fact = (place, networks)
            if fact not in known:
                known[fact] = {name: tuple(q(place, networks) for q in asked) for name, asked in self.asked.items()}
            return known[fact]

        def key_of(name, range_):
            """Special-purpose networks are apart: they are answered as their resolver is."""
            return bool(self.asked[name]) and range_[1], keys_of(*range_)[name]

        out = {name: Runs(ranges, bits, lambda *range_, name=name: key_of(name, range_)) for name in self.services}
        out[""] = Runs(ranges, bits, lambda *range_: (range_[1], tuple(keys_of(*range_).values())))
        out["places"] = Runs(ranges, bits, lambda *range_: range_)
        return out

    def set_states(self, waited, states):
        """@param waited  seconds since the states before
        @param states  address -> (verdict, in motion, seconds until a change, seconds since it returned or None, order or None)"""
        self.states, self.decisions, self.now = states, {}, self.now + waited
        for service in self.services.values():
            for family in (4, 6):
                self.step_latch(service, family)

    def step_latch(self, service, family):
        """The health of a tier of `priority` is that of the best of its addresses, whatever the client."""
        latch = self.latches[service.name, family]
        if service.failback == "auto" or not service.own.has("priority"):
            return
        tiers = ["down"] * (1 + max(service.endpoints[e].rank for e in service.own.members))
        for e in service.own.members:
            for address in (service.endpoints[i].address[family] for i in service.inside(e)):
                rank = service.endpoints[e].rank
                if address is not None:
                    verdict, *_, ordered = self.states[str(address)]
                    health = {"up": "up", "unknown": "undecided"}.get(ordered or verdict, "down")
                    tiers[rank] = max(tiers[rank], health, key=["down", "undecided", "up"].index)
        wait = None if service.failback == "manual" else seconds(service.failback.removeprefix("after "))
        latch.step(wait, tiers, self.now)

    def held(self, service, family):
        """Which endpoints clients have not come back to."""
        out = [False] * len(service.endpoints)
        for e in service.own.members:
            for i in {e, *service.inside(e)}:
                out[i] = service.endpoints[e].rank < self.latches[service.name, family].floor
        return out

    def state(self, service, endpoint, family):
        verdict, in_motion, until, returned, ordered = self.states[str(endpoint.address[family])]
        if ordered:
            return verdict, False, 0, 1000, ordered
        ramp = 1000
        if verdict == "up" and returned is not None and 0 < service.slowstart and returned < service.slowstart:
            ramp = 100 + int(returned * 1000) * 36 // int(service.slowstart * 1000) * 25
        return verdict, in_motion, until, ramp, None

    def decide(self, service, family, place, networks):
        tiers = service.tiers(family, place, networks)
        key = (service.name, family, str(tiers))
        if key not in self.decisions:
            states = [self.state(service, e, family) if e.address[family] is not None else ("up", False, 0, 1000, None)
                      for e in service.endpoints]
            self.decisions[key] = policy.decide(service, family, tiers, states, self.held(service, family))
        return self.decisions[key]

    def locate(self, service, network):
        """(the places whose class may answer, scope, special) of a client's network"""
        family, length = network.version, network.prefixlen
        address = int(network.network_address)
        runs, places = self.runs[family][service.name], self.runs[family]["places"]
        first = places.at(address)
        depth = runs.depth(address, length)
        if first[1]:
            block = next(n for n in special_blocks(family) if network.network_address in n).prefixlen
            if block <= length:
                within = self.runs[family][""].depth(address, length)
                return [first], min(length, max(block, length if within is None else within)), True
        if depth is not None:
            return [first], depth, False
        wanted = runs.most(address, length)
        return [one for one in (places.at(a) for a in starts_within(places, address, length, BITS[family]))
                if (one[1], tuple(q(one[0], one[2]) for q in self.asked[service.name])) in wanted], length, False

    def answers(self, name, family, resolver, network):
        """Every answer that is right: (set of (mode, TTL, lists of addresses), scope or None for no option)."""
        service = self.services[name]
        client, length, from_subnet, scope = resolver, BITS[resolver.version], False, 0
        places = None
        if network is not None and network.prefixlen > 0:
            if self.asked[name]:
                places, scope, special = self.locate(service, network)
            else:
                places = [self.runs[network.version]["places"].at(int(network.network_address))]
                scope, special = 0, False
            if special:
                places = None
            else:
                client, length, from_subnet = network.network_address, network.prefixlen, True
        if places is None:
            places = [self.runs[resolver.version]["places"].at(int(resolver))]
        out, scopes = set(), set()
        for place, _, networks in places:
            decision = self.decide(service, family, place, networks)
            by_client = not decision.fixed and not decision.by_query and decision.slots is not None
            if by_client:
                bits = min(length, service.hash_prefix[client.version])
                lists = [decision.slots[service.slots.of_client(client.packed, bits)]]
            else:
                lists = decision.slots if decision.slots is not None else [None]
            scopes.add(max(scope, bits) if by_client and from_subnet else scope)
            for members in {None if one is None else tuple(one) for one in lists}:
                out.add((decision.mode, decision.ttl, self.addresses(service, family, members)))
        return out, None if network is None else scopes

    @staticmethod
    def addresses(service, family, members):
        if members is None:
            return None
        return tuple(str(service.fallback[m[1]] if isinstance(m, tuple) else service.endpoints[m].address[family])
                     for m in members)


def special_blocks(family):
    return [n for n in SPECIAL if n.version == family]


def starts_within(runs, address, length, bits):
    end = address + (1 << (bits - length))
    return [address] + [start for start in runs.starts if address < start < end]

"""The whole chain from a configuration to an answer, the slow way: YAML and databases in, what a client may be answered
out. Reads only what docs/configuration.md promises; shares nothing with the server."""
import ipaddress
import os

import yaml

import policy
from geography import BITS, SPECIAL, Geography, Runs, distance

DEFAULT_POLICY = [{"nearest": {"within": "300km"}}, "weighted", {"take": 1}]


def seconds(text):
    text = str(text)
    for unit, factor in (("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)):
        if text.endswith(unit) and text[: -len(unit)].replace(".", "", 1).isdigit():
            return float(text[: -len(unit)]) * factor
    return float(text)


def kilometres(text):
    return float(str(text).removesuffix("km"))


def share(text):
    text = str(text)
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)


def as_list(value):
    return value if isinstance(value, list) else [value]


class Region:
    """`serves`: everybody if there is none."""

    def __init__(self, spec):
        self.anyone = spec is None
        spec = spec or {}
        get = lambda key, of: set(as_list(of.get(key, [])))
        self.continents, self.countries = get("continents", spec), get("countries", spec)
        self.subdivisions = get("subdivisions", spec)
        self.asns = {int(str(a).removeprefix("AS")) for a in get("asns", spec)}
        self.networks = {ipaddress.ip_network(n) for n in get("prefixes", spec)}
        self.unknown = spec.get("unknown", False)
        without = spec.get("except", {})
        self.not_continents, self.not_countries = get("continents", without), get("countries", without)

    def __contains__(self, client):
        place, networks = client
        if self.networks & networks:
            return True
        meant = (self.anyone or (self.unknown and not place.continent) or place.continent in self.continents
                 or place.country in self.countries or place.subdivision in self.subdivisions or place.asn in self.asns)
        return meant and not (place.continent in self.not_continents or place.country in self.not_countries)


class Endpoint:
    def __init__(self, spec, sites):
        self.site = spec["site"]
        self.at = sites[self.site].get("at")
        if self.at is not None:
            self.at = tuple(map(float, self.at))
        self.address = {4: None, 6: None}
        for text in as_list(spec["address"]):
            address = ipaddress.ip_address(text)
            self.address[address.version] = address
        self.weight = int(spec.get("weight", sites[self.site].get("capacity", 1)))
        self.serves = Region(spec.get("serves"))


class Service:
    def __init__(self, name, spec, defaults, policies, sites):
        get = lambda key, otherwise: spec.get(key, defaults.get(key, otherwise))
        endpoints = spec["endpoints"]
        if isinstance(endpoints, dict):
            endpoints = [{"site": site, "address": address} for site, address in endpoints.items()]
        self.name = name
        self.endpoints = [Endpoint(e, sites) for e in endpoints]
        self.ttl = int(seconds(get("ttl", "30s")))
        self.ttl_min = min(self.ttl, int(seconds(get("ttl_min", "5s"))))
        self.slowstart = seconds(get("slowstart", "60s"))
        self.spill_below, self.panic_below = share(get("spill_below", 0.5)), share(get("panic_below", 0))
        self.all_down = get("all_down", "as_if_up")
        prefix = get("hash_prefix", {})
        self.hash_prefix = {4: prefix.get("v4", 24), 6: prefix.get("v6", 56)}
        self.fallback = [ipaddress.ip_address(a) for a in as_list(spec.get("fallback", []))]
        self.rendezvous = policy.Rendezvous(policy.hash_octets(name.encode(), policy.hash_octets(b"weighted")))
        self.salt = self.rendezvous.salt
        chain = get("policy", DEFAULT_POLICY)
        self.read_chain(policies[chain] if isinstance(chain, str) else chain)

    def read_chain(self, filters):
        self.steps, self.selection, self.weighted, take = [], "by_client", False, None
        for one in filters:
            kind, value = (one, None) if isinstance(one, str) else next(iter(one.items()))
            if kind == "take":
                take = value
            elif kind == "weighted":
                self.weighted = True
                self.selection = "by_query" if (value or {}).get("by") == "query" else "by_client"
            elif kind in ("rotate", "all"):
                self.selection = kind
            else:
                self.steps.append((kind, value))
        self.take = take or (64 if self.selection in ("rotate", "all") else 1)
        if all(kind != "fence" for kind, _ in self.steps):
            for endpoint in self.endpoints:
                endpoint.serves = Region(None)

    def rank(self, e, order):
        if not order:
            return e
        tiers = [as_list(tier) for tier in order]
        return next((i for i, names in enumerate(tiers) if self.endpoints[e].site in names), len(tiers))

    def kilometres(self, e, place, nearest):
        endpoint = self.endpoints[e]
        if endpoint.at is None or place.at is None:
            return None
        return distance(place.at, endpoint.at) - kilometres(((nearest or {}).get("bias") or {}).get(endpoint.site, 0))

    def tiers(self, family, place, networks):
        tiers = [[e for e in range(len(self.endpoints)) if self.endpoints[e].address[family] is not None]]
        for kind, value in self.steps:
            if kind == "fence":
                serves = lambda e: (place, networks) in self.endpoints[e].serves
                tiers = policy.split(tiers, lambda e: 0 if serves(e) else 1)
                if value != "prefer":
                    tiers = [tier for tier in tiers if serves(tier[0])]
            elif kind == "nearest":
                within = kilometres((value or {}).get("within", 0))
                tiers = policy.split_by_distance(tiers, lambda e: self.kilometres(e, place, value), within)
            else:
                tiers = policy.split(tiers, lambda e: self.rank(e, value))
        return tiers

    def questions(self):
        """What the chain asks about a place, as functions whose answers tell its classes apart."""
        fences = [e.serves for e in self.endpoints if not e.serves.anyone]
        asked = [lambda place, networks, serves=serves: (place, networks) in serves for serves in fences]
        groups = [list(range(len(self.endpoints)))]
        fenced = False
        for kind, value in self.steps:
            if kind == "fence":
                fenced = True
            elif kind == "priority":
                groups = policy.split(groups, lambda e: self.rank(e, value))
            elif kind == "nearest":
                for family in (4, 6):
                    for group in groups:
                        present = [e for e in group if self.endpoints[e].address[family] and self.endpoints[e].at]
                        if present:
                            asked.append(self.nearest_question(present, value, fenced))
        return asked

    def nearest_question(self, endpoints, value, fenced):
        within = kilometres((value or {}).get("within", 0))
        bias = lambda e: kilometres(((value or {}).get("bias") or {}).get(self.endpoints[e].site, 0))
        points = sorted({(self.endpoints[e].at, bias(e)) for e in endpoints})

        def answer(place, _):
            if place.at is None:
                return None
            km = [distance(place.at, at) - nearer for at, nearer in points]
            order = sorted(range(len(points)), key=km.__getitem__)
            if fenced:  # which of them are left is not known yet: the order, and how far each reaches
                return tuple(order), tuple(sum(km[j] <= km[i] + within for j in order) for i in order)
            return tuple(map(tuple, policy.split_by_distance([order], km.__getitem__, within)))

        return answer


class World:
    """A configuration with its databases."""

    def __init__(self, path, countries_path):
        with open(path, encoding="utf-8") as file:
            config = yaml.safe_load(file)
        self.services = {}
        for zone, spec in config["zones"].items():
            for name, service in spec["services"].items():
                full = zone if name == "@" else f"{name}.{zone}"
                self.services[full] = Service(full, service, config.get("defaults", {}), config.get("policies", {}),
                                              config["sites"])
        listed = {n for s in self.services.values() for e in s.endpoints for n in e.serves.networks}
        geo = config.get("geo", {})
        self.geography = Geography(geo, os.path.dirname(path), sorted(listed, key=str), countries_path)
        self.states = {}
        self.decisions = {}
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

        out = {name: Runs(ranges, bits, lambda *range_, name=name: keys_of(*range_)[name]) for name in self.services}
        out[""] = Runs(ranges, bits, lambda *range_: (range_[1], tuple(keys_of(*range_).values())))
        out["places"] = Runs(ranges, bits, lambda *range_: range_)
        return out

    def set_states(self, states):
        """@param states  address -> (verdict, in motion, seconds until a change, seconds since it returned or None)"""
        self.states, self.decisions = states, {}

    def state(self, service, endpoint, family):
        verdict, in_motion, until, returned = self.states[str(endpoint.address[family])]
        ramp = 1000
        if verdict == "up" and returned is not None and 0 < service.slowstart and returned < service.slowstart:
            ramp = 100 + int(returned * 1000) * 18 // int(service.slowstart * 1000) * 50
        return verdict, in_motion, until, ramp

    def decide(self, service, family, place, networks):
        tiers = service.tiers(family, place, networks)
        key = (service.name, family, str(tiers))
        if key not in self.decisions:
            states = [self.state(service, e, family) if e.address[family] is not None else ("up", False, 0, 1000)
                      for e in service.endpoints]
            self.decisions[key] = policy.decide(service, family, tiers, states)
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
                if tuple(q(one[0], one[2]) for q in self.asked[service.name]) in wanted], length, False

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
                lists = [decision.slots[policy.client_slot(client.packed, bits, service.salt)]]
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

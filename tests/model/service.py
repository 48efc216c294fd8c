"""Services as the YAML writes them: endpoints, chains of filters, services inside of services; which tiers the chains
make for a place, and what they ask about it."""
import csv
import ipaddress
import os
from collections import namedtuple

import policy
import slots
from geography import distance

DEFAULT_POLICY = [{"nearest": {"within": "300km"}}, "weighted", {"take": 1}]
Tiers = namedtuple("Tiers", "own inner canary_network")


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


class RoundTrips:
    """A table of measured times: network -> {site: milliseconds}."""

    def __init__(self, path):
        self.rows = {}
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                self.rows.setdefault(ipaddress.ip_network(row["prefix"]), {})[row["site"]] = float(row["ms"])

    def at(self, networks, sites):
        """What the longest network around the client says that knows one of these sites; None if there is none."""
        known = [n for n in networks if n in self.rows and self.rows[n].keys() & sites]
        return self.rows[max(known, key=lambda n: n.prefixlen)] if known else None


class Endpoint:
    """An address of a site, or a service in its place."""

    def __init__(self, spec, sites):
        self.site, self.service = spec.get("site"), spec.get("service")
        self.address = {4: None, 6: None}
        for text in as_list(spec.get("address", [])):
            address = ipaddress.ip_address(text)
            self.address[address.version] = address
        site = sites.get(self.site, {})
        self.at = tuple(map(float, site["at"])) if "at" in site else None
        self.weight = int(spec.get("weight", site.get("capacity", 1)))
        self.weighed = "weight" in spec
        self.serves = Region(spec.get("serves"))
        self.inner, self.rank = None, 0

    def key(self):
        there = self.address[4] or self.address[6]
        return slots.hash_octets(str(there).encode()) if there else 0


class Chain:
    """The filters of a service over its own members."""

    def __init__(self, filters, members, spill_below):
        self.members, self.spill_below, self.weighted, self.steps = members, spill_below, False, []
        for one in filters:
            kind, value = (one, None) if isinstance(one, str) else next(iter(one.items()))
            if kind == "weighted":
                self.weighted = True
            elif kind not in ("take", "rotate", "all"):
                self.steps.append((kind, value))

    def has(self, wanted):
        return any(kind == wanted for kind, _ in self.steps)


Canary = namedtuple("Canary", "share networks inner")


class Service:
    """A steered name. The members of the services inside of it are endpoints too, after its own."""

    def __init__(self, name, spec, zone):
        get = zone.getter(spec)
        self.name, self.zone = name, zone
        self.endpoints, self.inner = [], []
        self.ttl = int(seconds(get("ttl", "30s")))
        self.ttl_min = min(self.ttl, int(seconds(get("ttl_min", "5s"))))
        self.slowstart = seconds(get("slowstart", "60s"))
        self.panic_below, self.all_down = share(get("panic_below", 0)), get("all_down", "as_if_up")
        self.keep, self.failback = int(get("keep", 0)), str(get("failback", "auto"))
        prefix = get("hash_prefix", {})
        self.hash_prefix = {4: prefix.get("v4", 24), 6: prefix.get("v6", 56)}
        self.fallback = [ipaddress.ip_address(a) for a in as_list(spec.get("fallback", []))]
        self.own = self.add(spec, spec["endpoints"])
        self.canary = None
        if "canary" in spec:
            mine = spec["canary"]
            self.inner.append(None)
            at = len(self.inner) - 1
            networks = {ipaddress.ip_network(n) for n in as_list(mine.get("networks", []))}
            self.canary = Canary(share(mine.get("share", 0)), networks, at)
            self.inner[at] = self.add(spec, mine["endpoints"])
        self.read_selection(zone.filters(spec))
        salt = slots.hash_octets(name.encode(), slots.hash_octets(b"weighted"))
        self.slots = slots.Slots(salt, [e.key() for e in self.endpoints])

    def add(self, spec, written):
        if isinstance(written, dict):
            written = [{"site": site, "address": address} for site, address in written.items()]
        first = len(self.endpoints)
        members = list(range(first, first + len(written)))
        chain = Chain(self.zone.filters(spec), members, share(self.zone.getter(spec)("spill_below", 0.5)))
        self.endpoints += [Endpoint(e, self.zone.sites) for e in written]
        for position, e in enumerate(members):
            if not chain.has("fence"):
                self.endpoints[e].serves = Region(None)
            for kind, value in chain.steps:
                if kind == "priority":
                    self.endpoints[e].rank = self.rank(self.endpoints[e].site, position, value)
        for e in members:
            if self.endpoints[e].service is not None:
                self.add_inner(self.endpoints[e])
        return chain

    def add_inner(self, endpoint):
        endpoint.inner = len(self.inner)
        self.inner.append(None)
        inside = self.zone.services[endpoint.service]
        self.inner[endpoint.inner] = self.add(inside, inside["endpoints"])
        if not endpoint.weighed:
            endpoint.weight = sum(self.endpoints[e].weight for e in self.inner[endpoint.inner].members)

    @staticmethod
    def rank(site, position, order):
        if not order:
            return position
        return next((i for i, names in enumerate(order) if site in as_list(names)), len(order))

    def read_selection(self, filters):
        self.selection, take, self.fallback_outside = "by_client", None, True
        for one in filters:
            kind, value = (one, None) if isinstance(one, str) else next(iter(one.items()))
            if kind == "take":
                take = value
            elif kind == "weighted":
                self.selection = "by_query" if (value or {}).get("by") == "query" else "by_client"
            elif kind in ("rotate", "all"):
                self.selection = kind
            elif kind == "fence":
                self.fallback_outside = outside_of(value) != "none"
        self.take = take or (64 if self.selection in ("rotate", "all") else 1)

    def in_canary(self, e):
        return self.canary is not None and e in self.inner[self.canary.inner].members

    def inside(self, e):
        """The endpoints with addresses that stand behind this one."""
        inner = self.endpoints[e].inner
        return [e] if inner is None else [a for member in self.inner[inner].members for a in self.inside(member)]

    def addresses_in(self, all_tiers, tiers):
        out = []
        for e in (e for tier in tiers for e in tier):
            inner = self.endpoints[e].inner
            out += [e] if inner is None else self.addresses_in(all_tiers, all_tiers.inner[inner])
        return out

    def tiers(self, family, place, networks):
        inner = [None] * len(self.inner)
        for i in reversed(range(len(self.inner))):
            inner[i] = self.chain_tiers(self.inner[i], inner, family, place, networks)
        own = self.chain_tiers(self.own, inner, family, place, networks)
        return Tiers(own, inner, self.canary is not None and bool(self.canary.networks & networks))

    def chain_tiers(self, chain, inner, family, place, networks):
        there = lambda e: e.address[family] is not None if e.inner is None else bool(inner[e.inner])
        tiers = [[e for e in chain.members if there(self.endpoints[e])]]
        tiers = [tier for tier in tiers if tier]
        for kind, value in chain.steps:
            if kind == "fence":
                tiers = self.fenced(chain, tiers, value, (place, networks))
            elif kind == "nearest":
                within = kilometres((value or {}).get("within", 0))
                if place.at is not None:
                    tiers = policy.split_by_cost(tiers, lambda e: min(self.distances(e, family, place, value)), within)
            elif kind == "fastest":
                times = self.zone.table(value["table"]).at(networks, self.sites(chain.members))
                cost = lambda e: min(times.get(site, float("inf")) for site in self.sites([e], family))
                if times is not None:
                    tiers = policy.split_by_cost(tiers, cost, 1000 * seconds(value.get("within", 0)))
            else:
                tiers = policy.split(tiers, lambda e: self.endpoints[e].rank)
        return tiers

    def fenced(self, chain, tiers, value, client):
        serves = lambda e: client in self.endpoints[e].serves
        outside = outside_of(value)
        if outside in ("anywhere", "sites") and not any(serves(e) for e in chain.members):
            allowed = lambda e: outside == "anywhere" or self.endpoints[e].site in value["outside"]
            tiers = [[e for e in tier if allowed(e)] for tier in tiers]
            return [tier for tier in tiers if tier]
        tiers = policy.split(tiers, lambda e: 0 if serves(e) else 1)
        return tiers if value == "prefer" else [tier for tier in tiers if serves(tier[0])]

    def points(self, e, family, value):
        """(coordinates, kilometres of bias) of all that stands behind an endpoint"""
        bias = (value or {}).get("bias") or {}
        behind = [self.endpoints[i] for i in self.inside(e)]
        return {(b.at, kilometres(bias.get(b.site, 0))) for b in behind if b.address[family] is not None}

    def distances(self, e, family, place, value):
        return [distance(place.at, at) - bias for at, bias in self.points(e, family, value)]

    def sites(self, members, family=None):
        behind = [self.endpoints[i] for e in members for i in self.inside(e)]
        return {b.site for b in behind if family is None or b.address[family] is not None}

    def questions(self):
        """What the chains ask about a place, as functions whose answers tell its classes apart."""
        regions = [e.serves for e in self.endpoints if not e.serves.anyone]
        asked = [lambda place, networks, serves=serves: (place, networks) in serves for serves in regions]
        if self.canary and self.canary.networks:
            asked.append(lambda _, networks: bool(self.canary.networks & networks))
        for chain in [self.own, *self.inner]:
            self.add_questions(chain, asked)
        return asked

    def add_questions(self, chain, asked):
        groups = [list(chain.members)]
        open_ends = any(self.endpoints[e].inner is not None for e in chain.members)
        for kind, value in chain.steps:
            if kind == "priority":
                groups = policy.split(groups, lambda e: self.endpoints[e].rank)
            elif kind == "nearest":
                for family in (4, 6):
                    for group in groups:
                        points = {point for e in group for point in self.points(e, family, value)}
                        if points:
                            within = kilometres((value or {}).get("within", 0))
                            asked.append(nearest_question(sorted(points), within, open_ends))
            elif kind == "fastest":
                asked.append(self.fastest_question(chain, value))
            open_ends = open_ends or kind in ("fence", "fastest")

    def fastest_question(self, chain, value):
        within = 1000 * seconds(value.get("within", 0))
        sites = sorted(self.sites(chain.members))

        def answer(_, networks):
            times = self.zone.table(value["table"]).at(networks, set(sites))
            return None if times is None else order_and_reach([times.get(s, float("inf")) for s in sites], within)

        return answer


def outside_of(value):
    """What a fence makes of clients outside of it: fallback, none, anywhere or sites."""
    if not isinstance(value, dict) or "outside" not in value:
        return "fallback"
    return "sites" if isinstance(value["outside"], list) else value["outside"]


def order_and_reach(costs, within):
    order = sorted(range(len(costs)), key=costs.__getitem__)
    return tuple(order), tuple(sum(costs[j] <= costs[i] + within for j in order) for i in order)


def nearest_question(points, within, open_ends):
    """@param open_ends  which of the points are left when it is asked is not known"""

    def answer(place, _):
        if place.at is None:
            return None
        km = [distance(place.at, at) - nearer for at, nearer in points]
        if open_ends:
            return order_and_reach(km, within)
        return tuple(map(tuple, policy.split_by_cost([range(len(km))], km.__getitem__, within)))

    return answer


class Zone:
    """What the services of a zone share."""

    def __init__(self, name, spec, config, folder):
        self.name, self.services, self.folder = name, spec["services"], folder
        self.sites, self.defaults = config["sites"], config.get("defaults", {})
        self.policies, self.tables = config.get("policies", {}), {}

    def getter(self, spec):
        return lambda key, otherwise: spec.get(key, self.defaults.get(key, otherwise))

    def filters(self, spec):
        chain = self.getter(spec)("policy", DEFAULT_POLICY)
        return self.policies[chain] if isinstance(chain, str) else chain

    def table(self, path):
        if path not in self.tables:
            self.tables[path] = RoundTrips(os.path.join(self.folder, path))
        return self.tables[path]

"""Where addresses are: databases, the operator's places and special-purpose blocks, merged as docs/configuration.md
says, as one list of address ranges for each family. Slow and plain."""
import bisect
import csv
import ipaddress
import math
import os
from collections import namedtuple

from maxmind import Database

Place = namedtuple("Place", "at continent country subdivision asn")
NOWHERE = Place(None, "", "", "", 0)
BITS = {4: 32, 6: 128}

# IANA's special-purpose address registries: blocks that are not globally reachable or stand for another family's
# addresses; and multicast.
SPECIAL = [ipaddress.ip_network(text) for text in """
0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24
192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
::/16 64:ff9b::/96 64:ff9b:1::/48 100::/63 2001::/32 2001:2::/48 2001:10::/28 2001:20::/28 2001:30::/28 2001:db8::/32
2002::/16 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8""".split()]


def is_code(text):
    return isinstance(text, str) and len(text) == 2 and text.isascii() and text.isalpha() and text.isupper()


def distance(a, b):
    """Kilometres over a sphere with the earth's mean radius, by haversines."""
    radian = math.pi / 180
    latitude = math.sin((b[0] - a[0]) * radian / 2)
    longitude = math.sin((b[1] - a[1]) * radian / 2)
    h = latitude * latitude + math.cos(a[0] * radian) * math.cos(b[0] * radian) * longitude * longitude
    return 2 * 6371.0088 * math.asin(math.sqrt(min(h, 1.0)))


def number_at(record, *path):
    for key in path:
        record = record.get(key) if isinstance(record, dict) else None
    return record if isinstance(record, (int, float)) else None


def text_at(record, *path):
    for key in path:
        if isinstance(record, list):
            record = record[key] if key < len(record) else None
        else:
            record = record.get(key) if isinstance(record, dict) else None
    return record if isinstance(record, str) else ""


class Countries:
    """The main town and the continent of each country."""

    def __init__(self, path):
        self.of = {}
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.reader(line for line in file if not line.startswith("#")):
                if row and row[0] != "country":
                    self.of[row[0]] = ((float(row[1]), float(row[2])), row[3])

    def town(self, country):
        return self.of[country][0] if country in self.of else None

    def continent(self, country):
        return self.of[country][1] if country in self.of else ""


def place_of_record(record, countries):
    """What a database's record says; None if it knows no place."""
    country = next((code for code in (text_at(record, "country", "iso_code"),
                                      text_at(record, "registered_country", "iso_code"),
                                      text_at(record, "country_code")) if is_code(code)), "")
    continent = text_at(record, "continent", "code")
    at = None
    for prefix in (("location",), ()):
        latitude = number_at(record, *prefix, "latitude")
        longitude = number_at(record, *prefix, "longitude")
        if at is None and latitude is not None and longitude is not None:
            at = (float(latitude), float(longitude))
    if not country and not continent and at is None:
        return None
    part = text_at(record, "subdivisions", 0, "iso_code")
    asn = number_at(record, "traits", "autonomous_system_number") or number_at(record, "autonomous_system_number") or 0
    return Place(at or countries.town(country), continent or countries.continent(country), country,
                 f"{country}-{part}" if country and part else "", asn)


def override(place, mine, countries):
    """What an operator's place (a dictionary as in YAML) makes of what the databases say."""
    subdivision = mine.get("subdivision", "")
    country = mine.get("country") or subdivision[:2]
    if country and country != place.country:
        place = Place(countries.town(country), countries.continent(country), country, "", place.asn)
    return place._replace(
        continent=mine.get("continent") or place.continent,
        subdivision=subdivision or place.subdivision,
        at=tuple(map(float, mine["at"])) if "at" in mine else place.at,
        asn=mine.get("asn") or place.asn)


class Geography:
    """`ranges[family]`: (first address, place, special without a place of the operator's, networks around it)."""

    def __init__(self, spec, folder, listed, countries_path):
        """@param listed  networks that some region lists"""
        self.countries = Countries(countries_path)
        open_all = lambda key: [Database(os.path.join(folder, path)) for path in as_list(spec.get(key, []))]
        self.locations = open_all("city") + open_all("country") + open_all("location")
        self.asns = open_all("asn")
        self.places = [(ipaddress.ip_network(str(p["prefix"])), p) for p in spec.get("places", [])]
        for path in as_list(spec.get("places_file", [])):
            self.places += read_places(os.path.join(folder, path))
        self.listed = listed
        self.unknown_at = tuple(map(float, spec["unknown_at"])) if "unknown_at" in spec else None
        self.ranges = {family: self.merge(family) for family in (4, 6)}

    def merge(self, family):
        edges = {0}
        for database in self.locations + self.asns:
            edges.update(start for start, _ in database.ranges[family])
        for network in SPECIAL + [network for network, _ in self.places] + list(self.listed):
            if network.version == family:
                edges.add(int(network.network_address))
                edges.add(int(network.network_address) + network.num_addresses)
        edges.discard(1 << BITS[family])
        lookups = {id(d): [start for start, _ in d.ranges[family]] for d in self.locations + self.asns}

        def ask(database, address):
            return database.ranges[family][bisect.bisect_right(lookups[id(database)], address) - 1][1]

        return [(address,) + self.known_at(family, address, ask) for address in sorted(edges)]

    def known_at(self, family, address, ask):
        text = ipaddress.IPv4Address(address) if family == 4 else ipaddress.IPv6Address(address)
        special = any(text in network for network in SPECIAL if network.version == family)
        place = NOWHERE
        if not special:
            for database in self.locations:
                found = place_of_record(ask(database, address), self.countries)
                if found:
                    place = found
                    break
            for database in self.asns:
                asn = number_at(ask(database, address), "autonomous_system_number")
                if asn:
                    place = place._replace(asn=asn)
                    break
        around = [(network.prefixlen, mine) for network, mine in self.places
                  if network.version == family and text in network]
        if around:
            place = override(place, max(around, key=lambda one: one[0])[1], self.countries)
        if place.at is None:
            place = place._replace(at=self.unknown_at)
        networks = frozenset(n for n in self.listed if n.version == family and text in n)
        return place, special and not around, networks


def as_list(value):
    return value if isinstance(value, list) else [value]


def read_places(path):
    out = []
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            mine = {key: row[key] for key in ("country", "continent", "subdivision") if row.get(key)}
            if row.get("lat"):
                mine["at"] = [row["lat"], row["lon"]]
            if row.get("asn"):
                mine["asn"] = int(row["asn"].removeprefix("AS"))
            out.append((ipaddress.ip_network(row["prefix"]), mine))
    return out


class Runs:
    """The ranges of one family gathered by a key of theirs: where the key changes, and how long it stays."""

    def __init__(self, ranges, bits, key):
        self.bits = bits
        self.starts, self.keys = [], []
        for start, *known in ranges:
            value = key(*known)
            if not self.keys or self.keys[-1] != value:
                self.starts.append(start)
                self.keys.append(value)
        self.starts.append(1 << bits)

    def at(self, address):
        return self.keys[bisect.bisect_right(self.starts, address) - 1]

    def depth(self, address, longest):
        """The shortest prefix of the address that holds one key, up to `longest`; None if that one does not."""
        run = bisect.bisect_right(self.starts, address) - 1
        for length in range(longest + 1):
            size = 1 << (self.bits - length)
            first = address - address % size
            if self.starts[run] <= first and first + size <= self.starts[run + 1]:
                return length
        return None

    def most(self, address, length):
        """The keys that cover most of a network: one, or several that cover as much."""
        end = address + (1 << (self.bits - length))
        shares = {}
        run = bisect.bisect_right(self.starts, address) - 1
        while run < len(self.keys) and self.starts[run] < end:
            part = min(end, self.starts[run + 1]) - max(address, self.starts[run])
            shares[self.keys[run]] = shares.get(self.keys[run], 0) + part
            run += 1
        best = max(shares.values())
        return [key for key, part in shares.items() if part == best]

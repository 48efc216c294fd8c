"""Worlds, states and clients by chance, from a seed: configurations that the server accepts, with databases of their
own, and questions that fall often near the edges of what those databases say."""
import ipaddress
import os
import random

import yaml

import maxmind

TOWNS = [("EU", "DE", "HE", 50.11, 8.68), ("EU", "GB", "ENG", 51.51, -0.09), ("EU", "FR", "IDF", 48.86, 2.35),
         ("NA", "US", "VA", 39.04, -77.49), ("NA", "US", "CA", 37.77, -122.42), ("NA", "CA", "ON", 43.65, -79.38),
         ("SA", "BR", "SP", -23.55, -46.63), ("AS", "SG", "", 1.35, 103.82), ("AS", "JP", "13", 35.69, 139.69),
         ("AS", "IN", "MH", 19.08, 72.88), ("OC", "AU", "NSW", -33.87, 151.21), ("AF", "ZA", "GP", -26.2, 28.05),
         ("OC", "FJ", "", -18.14, 178.44), ("OC", "WS", "", -13.83, -171.77)]
ASNS = [64500, 64501, 64502, 65536, 4200000000]
REAL = "tests/geo/data/maxmind/test-data/"


class MadeUp:
    def __init__(self, seed, folder):
        self.random = random.Random(seed)
        self.folder = folder
        self.edges = {4: [], 6: []}
        self.config = self.make_config()
        self.path = os.path.join(folder, f"world-{seed}.yaml")
        with open(self.path, "w", encoding="utf-8") as file:
            yaml.safe_dump(self.config, file, sort_keys=False)

    def network(self, family=None):
        """Of the address space that is given out; now and then of what is special."""
        r = self.random
        family = family or r.choice((4, 4, 6))
        if family == 4:
            top = r.choice((8, 9, 81, 100, 172, 192, 198, 203)) << 24 | r.getrandbits(24)
            length = r.choice((8, 10, 12, 16, 16, 18, 19, 20, 22, 23, 24, 24, 25, 27, 32))
            out = ipaddress.ip_network((top >> (32 - length) << (32 - length), length))
        else:
            top = r.choice((0x2001, 0x2400, 0x2600, 0x2A00, 0xFD00)) << 112 | r.getrandbits(112)
            length = r.choice((16, 20, 24, 29, 32, 32, 36, 40, 44, 48, 48, 52, 56, 60, 64, 96, 128))
            out = ipaddress.ip_network((top >> (128 - length) << (128 - length), length))
        self.edges[family].append(out)
        return out

    def inside(self, network):
        """A longer network inside of this one."""
        length = self.random.randint(network.prefixlen, network.max_prefixlen)
        size = network.max_prefixlen - length
        bits = self.random.getrandbits(length - network.prefixlen) if length > network.prefixlen else 0
        out = ipaddress.ip_network((int(network.network_address) | bits << size, length))
        self.edges[network.version].append(out)
        return out

    def record(self, nested):
        r = self.random
        continent, country, part, latitude, longitude = r.choice(TOWNS)
        latitude, longitude = latitude + r.uniform(-2, 2), min(longitude + r.uniform(-2, 2), 180.0)
        whole, known = r.random() < 0.8, r.random() < 0.9
        if nested:
            out = {"continent": {"code": continent}} if r.random() < 0.7 else {}
            if known:
                out["country" if r.random() < 0.9 else "registered_country"] = {"iso_code": country}
            if part and whole:
                out["subdivisions"] = [{"iso_code": part, "names": {"en": part}}]
            if whole:
                out["location"] = {"latitude": latitude, "longitude": longitude}
            return out
        out = {"country_code": country if known else "", "city": "somewhere"}
        if whole:
            out.update(latitude=("float32", latitude), longitude=("float32", longitude))
        return out

    def database(self, name, count, record, version=6):
        entries = []
        for _ in range(count):
            network = self.network(4 if version == 4 else None)
            entries.append((network, record()))
            if self.random.random() < 0.5:
                entries.append((self.inside(network), record()))
        entries.sort(key=lambda entry: entry[0].prefixlen)
        maxmind.write(os.path.join(self.folder, name), entries, version, self.random.choice((24, 28, 32)))
        return os.path.join(self.folder, name)

    def make_geo(self):
        r = self.random
        name = lambda what: f"{what}-{r.getrandbits(60):x}.mmdb"
        city = [self.database(name("city"), r.randint(50, 400), lambda: self.record(True))]
        if r.random() < 0.4:
            city.append(self.database(name("flat"), r.randint(20, 200), lambda: self.record(False), r.choice((4, 6))))
        if r.random() < 0.3:
            city.insert(r.randint(0, len(city)), os.path.abspath(REAL + "GeoIP2-City-Test.mmdb"))
        geo = {"city": city}
        if r.random() < 0.7:
            asn = lambda: {"autonomous_system_number": r.choice(ASNS)}
            geo["asn"] = [self.database(name("asn"), r.randint(10, 100), asn)]
        places = {}
        for _ in range(r.randint(0, 12)):
            network = self.inside(r.choice(self.edges[r.choice((4, 6))])) if r.random() < 0.6 else self.network()
            places[network] = self.place(network)
        listed = list(places.values())
        cut = r.randint(0, len(listed))
        if cut:
            geo["places"] = listed[:cut]
        if listed[cut:]:
            geo["places_file"] = self.places_file(listed[cut:])
        if r.random() < 0.3:
            geo["unknown_at"] = [50.0, 10.0]
        return geo

    def place(self, network):
        r = self.random
        continent, country, part, latitude, longitude = r.choice(TOWNS)
        out = {"prefix": str(network)}
        if r.random() < 0.6:
            out["at"] = [latitude, longitude]
        if r.random() < 0.6:
            out["country"] = country
        if r.random() < 0.2:
            out["continent"] = continent
        if part and r.random() < 0.2:
            out["subdivision"], out["country"] = f"{country}-{part}", country
        if r.random() < 0.3 or len(out) == 1:
            out["asn"] = r.choice(ASNS)
        return out

    def places_file(self, places):
        path = os.path.join(self.folder, f"places-{self.random.getrandbits(60):x}.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write("prefix,lat,lon,country,continent,subdivision,asn,name\n")
            for p in places:
                at = p.get("at", ["", ""])
                file.write(f'{p["prefix"]},{at[0]},{at[1]},{p.get("country", "")},{p.get("continent", "")},'
                           f'{p.get("subdivision", "")},{p.get("asn", "")},"an office, ours"\n')
        return path

    def serves(self):
        r = self.random
        out = {}
        towns = r.sample(TOWNS, 3)
        if r.random() < 0.5:
            out["continents"] = sorted({t[0] for t in towns[:2]})
        if r.random() < 0.4:
            out["countries"] = sorted({t[1] for t in towns})
        if r.random() < 0.2:
            out["subdivisions"] = ["US-CA", "GB-ENG"]
        if r.random() < 0.2:
            out["asns"] = r.sample(ASNS, 2)
        if r.random() < 0.3:
            out["prefixes"] = sorted({str(self.network()) for _ in range(2)})
        if r.random() < 0.2 or not out:
            out["unknown"] = True
        if r.random() < 0.3:
            out["except"] = {"countries": [r.choice(TOWNS)[1]]}
        return out

    def round_trips(self, sites):
        """A CSV file of measured times; some of its networks inside of others."""
        r = self.random
        path = os.path.join(self.folder, f"times-{r.getrandbits(60):x}.csv")
        networks = {self.network() for _ in range(r.randint(1, 15))}
        networks |= {self.inside(r.choice(self.edges[r.choice((4, 6))])) for _ in range(r.randint(0, 15))}
        with open(path, "w", encoding="utf-8") as file:
            file.write("prefix,site,ms\n")
            for network in sorted(networks, key=str):
                for site in r.sample(sites, r.randint(1, len(sites))):
                    file.write(f"{network},{site},{r.randint(0, 400) / 4}\n")
        return path

    def fence(self, own_sites):
        r = self.random
        outside = [{"fence": {"outside": o}} for o in ("none", "anywhere")]
        if own_sites:
            outside.append({"fence": {"outside": r.sample(own_sites, r.randint(1, len(own_sites)))}})
        return r.choice(["fence", {"fence": "strict"}, {"fence": "prefer"}, *outside])

    def chain(self, sites, own_sites):
        r = self.random
        out = []
        if r.random() < 0.4:
            out.append(self.fence(own_sites))
        if r.random() < 0.7:
            out.append(r.choice(("nearest", {"nearest": {"within": f"{r.choice((0, 300, 1500, 4000))}km",
                                                         "bias": {r.choice(sites): f"{r.choice((100, 800))}km"}}})))
        if r.random() < 0.3:
            out.append({"fastest": {"table": r.choice(self.tables), "within": f"{r.choice((0, 1, 20))}ms"}})
        if r.random() < 0.3:
            order = r.sample(sites, r.randint(1, len(sites)))
            tiers = [order[:1], *order[1:]] if r.random() < 0.5 else order
            out.append(r.choice(("priority", {"priority": tiers})))
        r.shuffle(out)
        out += r.choice(([], ["weighted"], ["weighted"], [{"weighted": {"by": "query"}}], ["rotate"], ["all"]))
        if r.random() < 0.6 or not out:
            out.append({"take": r.choice((1, 1, 2, 3))})
        return out

    def endpoint(self, sites, last):
        """@param last  of its addresses, so that each is there once"""
        r = self.random
        address = [f"192.0.2.{last}", f"2001:db8:1::{last:x}"]
        out = {"site": r.choice(sites), "address": r.choice((address, address[:1], address, address[1:]))}
        if r.random() < 0.5:
            out["weight"] = r.choice((0, 1, 1, 2, 3, 10, 1000))
        return out

    def service(self, number, sites):
        r = self.random
        endpoints = [self.endpoint(sites, number * 8 + i + 1) for i in range(r.randint(1, 6))]
        count = len(endpoints)
        for name in list(self.sizes):
            if r.random() < 0.2 and count + self.sizes[name] <= 20:
                inner = {"service": name, **({"weight": r.choice((0, 1, 5))} if r.random() < 0.3 else {})}
                endpoints.insert(r.randint(0, len(endpoints)), inner)
                count += 1 + self.sizes[name]
        if count > len(endpoints) and r.random() < 0.3:
            endpoints = [e for e in endpoints if "service" in e]
        self.sizes[f"s{number}"] = count
        policy = self.chain(sites, sorted({e["site"] for e in endpoints if "site" in e}))
        spec = {"policy": policy, "endpoints": endpoints, "ttl": r.choice((30, 60, 300)), "ttl_min": r.choice((5, 10)),
                "slowstart": f"{r.choice((0, 30, 60))}s", "spill_below": r.choice((0, 0.3, 0.5, 1)),
                "panic_below": r.choice((0, 0, 0.4)), "all_down": r.choice(("as_if_up", "as_if_up", "none")),
                "spill_above": r.choice(("none", "80%")),  # without a measured load it says nothing
                "keep": r.choice((0, 0, 0, 1, 2, 3)), "failback": r.choice(("auto", "manual", "after 5s", "after 1m")),
                "hash_prefix": {"v4": r.choice((16, 24, 24, 32)), "v6": r.choice((32, 48, 56))}}
        if r.random() < 0.25:
            spec["canary"] = self.canary(number, sites)
        if any("fence" in one for one in policy):
            for one in endpoints + spec.get("canary", {}).get("endpoints", []):
                if r.random() < 0.7:
                    one["serves"] = self.serves()
        if r.random() < 0.3:
            spec["fallback"] = [f"192.0.2.{240 + number}", f"2001:db8:f::{number + 1}"]
        for key in ("ttl", "ttl_min"):
            spec[key] = f"{spec[key]}s"
        return spec

    def canary(self, number, sites):
        r = self.random
        out = {"endpoints": [self.endpoint(sites, 128 + number * 4 + i) for i in range(r.randint(1, 3))]}
        if r.random() < 0.6:
            out["share"] = r.choice(("1%", "10%", "50%", "100%"))
        if r.random() < 0.6 or len(out) == 1:
            out["networks"] = sorted({str(self.network()) for _ in range(r.randint(1, 4))})
        return out

    def make_config(self):
        r = self.random
        towns = r.sample(TOWNS, r.randint(2, 7))
        sites = {f"site{i}": {"at": [t[3], t[4]]} for i, t in enumerate(towns)}
        for site in sites.values():
            if r.random() < 0.3:
                site["capacity"] = r.choice((1, 5, 40))
        geo = self.make_geo()
        self.sizes = {}
        self.tables = [self.round_trips(list(sites)) for _ in range(2)]
        services = {f"s{n}": self.service(n, list(sites)) for n in range(r.randint(2, 6))}
        return {"control": {"socket": "none"}, "listen": ["127.0.0.1:5300"], "geo": geo, "sites": sites,
                "monitors": {"web": {"http": "/healthz"}}, "defaults": {"monitor": "web"},
                "zones": {"example.org": {"ns": ["ns1.example.net."], "services": services}}}

    def states(self):
        """address -> (verdict, in motion, seconds until a change, seconds since it returned or None, order or None)"""
        r = self.random
        badness = r.choice((0.05, 0.3, 0.3, 0.7, 1.0))
        meddling = r.choice((0, 0, 0.1, 0.5, 1.0))
        out = {}
        for service in self.config["zones"]["example.org"]["services"].values():
            for endpoint in service["endpoints"] + service.get("canary", {}).get("endpoints", []):
                for address in endpoint.get("address", []):
                    verdict = r.choice(("down", "down", "unknown")) if r.random() < badness else "up"
                    returned = r.randint(0, 70000) / 1000 if verdict == "up" and r.random() < 0.2 else None
                    out[address] = (verdict, r.random() < 0.15, r.randint(0, 40000) / 1000, returned,
                                    r.choice(("up", "drain", "drain", "down")) if r.random() < meddling else None)
        return out

    def families(self, service):
        """Those that it has addresses of."""
        out = set()
        for endpoint in service["endpoints"]:
            if "service" in endpoint:
                out |= self.families(self.config["zones"]["example.org"]["services"][endpoint["service"]])
            out |= {6 if ":" in a else 4 for a in endpoint.get("address", [])}
        return out

    def address(self, family):
        r = self.random
        network = r.choice(self.edges[family]) if self.edges[family] and r.random() < 0.85 else self.network(family)
        if r.random() < 0.3:  # just before or behind it
            at = int(network.network_address) + r.choice((-1, network.num_addresses))
        else:
            at = int(network.network_address) + r.randrange(network.num_addresses)
        at = min(max(at, 0), (1 << network.max_prefixlen) - 1)
        return ipaddress.IPv4Address(at) if family == 4 else ipaddress.IPv6Address(at)

    def question(self):
        """(service, family of the answer, resolver, client network or None)"""
        r = self.random
        services = self.config["zones"]["example.org"]["services"]
        name = r.choice(list(services))
        families = sorted(self.families(services[name]))
        network = None
        if r.random() < 0.8:
            family = r.choice((4, 4, 6))
            lengths = (0, 8, 12, 16, 18, 20, 22, 24, 24, 24, 25, 28, 32) if family == 4 else \
                      (0, 20, 32, 36, 40, 48, 48, 56, 56, 60, 64, 128)
            length = r.choice(lengths) if r.random() < 0.8 else r.randint(0, 32 if family == 4 else 128)
            network = ipaddress.ip_network((int(self.address(family)), length), strict=False) if family == 4 else \
                ipaddress.IPv6Network((int(self.address(family)), length), strict=False)
        return f"{name}.example.org", r.choice(families), self.address(r.choice((4, 4, 6))), network

#!/usr/bin/python3
"""Writes the configuration of gslbd for one job of the benchmark, to standard output.

  config.py JOB.json WORKLOAD ZONEFILE FOLDER [PORT]
"""
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import jobs  # noqa: E402


def codes(values):
    """YAML 1.1 readers take a bare NO for false."""
    return "[%s]" % ", ".join('"%s"' % v for v in sorted(values))


def serves(site, job):
    """The clients that the job gives to one datacenter."""
    rules = job["continents"]
    continents = [c for c, rule in rules.items() if rule["default"] == site]
    parts = ["continents: %s" % codes(continents)] if continents else []
    countries = [cc for rule in rules.values() for cc, to in rule["countries"].items() if to == site]
    parts += ["countries: %s" % codes(countries)] if countries else []
    away = [cc for c in continents for cc, to in rules[c]["countries"].items() if to != site]
    parts += ["except: { countries: %s }" % codes(away)] if away else []
    parts += ["unknown: true"] if site == job["default"] else []
    return "{ %s }" % ", ".join(parts)


def static(job, zone, dnssec=""):
    return "zones:\n  %s: { files: [%s]%s }\n" % (job["zone"], zone, dnssec and ", " + dnssec)


SHORT = "[fence, weighted, take: 1]"
LONG = "[fence: prefer, nearest: { within: 100km }, priority: [%s], weighted, take: 1]"


def gslb(job, dnssec="", chain=SHORT):
    sites = job["datacenters"]
    text = "geo: { city: %s }\n" % job["geodb"]
    text += "sites: { %s }\n" % ", ".join("%s: { at: %s }" % (site, job["places"][site]) for site in sites)
    text += "zones:\n  %s:\n    ns: [ns1]\n    records: { ns1: { A: [192.0.2.250] } }\n" % job["zone"]
    text += "".join("    %s\n" % line for line in filter(None, [dnssec, "services:"]))
    text += (
        "      www:\n        policy: %s\n        monitor: none\n        ttl: %ds\n" % (chain, job["ttl"])
    )
    text += "        endpoints:\n"
    for site, endpoints in sites.items():
        region = serves(site, job)
        for endpoint in endpoints:
            text += "          - { site: %s, address: %s, weight: %d, serves: %s }\n" % (
                site,
                endpoint["address"],
                endpoint["weight"],
                region,
            )
    return text


def main():
    job_file, workload, zone, folder, *port = sys.argv[1:]
    with open(job_file) as f:
        job = json.load(f)
    print("state: %s/state\ncontrol: { socket: none }\nlog: { level: warning }" % folder)
    if workload == "dot":
        where = "127.0.0.1:%d" % jobs.tls_port(int(port[0]))
        print("tls: { listen: %s, certificate: %s, key: %s }" % (where, job["tls"]["certificate"], job["tls"]["key"]))
    dnssec = "dnssec: { keys: %s }" % job["keys"] if workload.startswith("signed") else ""
    if workload == "chain":
        made = gslb(job["gslb"], chain=LONG % ", ".join(job["gslb"]["datacenters"]))
    elif workload.endswith("gslb"):
        made = gslb(job["gslb"], dnssec)
    else:
        made = static(job["static"], zone, dnssec)
    sys.stdout.write(made)


if __name__ == "__main__":
    main()

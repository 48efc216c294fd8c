#!/usr/bin/python3
"""An MMDB file with AS numbers out of the CSV files of the npm package @ip-location-db/asn (start,end,number,name;
CC BY 4.0): there is none ready made. Takes a minute and 1 GB.

    tests/bench/asn_mmdb.py asn-ipv4.csv asn-ipv6.csv asn.mmdb"""
import csv
import ipaddress
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "model"))

import maxmind  # noqa: E402


def entries(path):
    with open(path, newline="", encoding="utf-8") as file:
        for start, end, number, name in csv.reader(file):
            record = {"autonomous_system_number": int(number), "autonomous_system_organization": name[:100]}
            first, last = ipaddress.ip_address(start), ipaddress.ip_address(end)
            for network in ipaddress.summarize_address_range(first, last):
                yield network, record


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    found = [entry for path in sys.argv[1:-1] for entry in entries(path)]
    maxmind.write(sys.argv[-1], found, kind="GeoLite2-ASN")
    print(f"{len(found):,} networks")


if __name__ == "__main__":
    main()

"""A client population: in each country some that resolve the name through their own unbound and ask the address for a page,
all the time."""
import http.client
import random
import socket
import threading
import time

import dns.message
import dns.query
import dns.rdatatype
from world import CLOUDS, COUNTRIES, NAME, inside


class Clients:
    """One thread a client; what became of each request is kept with its time."""

    def __init__(self, world, each=4, pause=0.01):
        self.world, self.pause, self.ended = world, pause, threading.Event()
        self.lock, self.outcomes = threading.Lock(), []  # (time, country, site or None)
        self.threads = [threading.Thread(target=self.live, args=(country,), daemon=True) for country in COUNTRIES for _ in range(each)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def stop(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def live(self, country):
        with inside(self.world.tag + country):
            while not self.ended.is_set():
                begun = time.monotonic()
                site = self.request()
                with self.lock:
                    self.outcomes.append((begun, country, site))
                time.sleep(self.pause * random.uniform(0.5, 1.5))

    def request(self):
        """-> the site that answered, None if none did"""
        try:
            reply = dns.query.udp(dns.message.make_query(NAME, "A"), "127.0.0.1", timeout=3)
            address = next(r.address for rrset in reply.answer if rrset.rdtype == dns.rdatatype.A for r in rrset)
            connection = http.client.HTTPConnection(address, 80, timeout=2)
            connection.request("GET", "/", headers={"Connection": "close"})
            answer = connection.getresponse()
            body = answer.read().decode()
            connection.close()
            return body.split()[0] if answer.status == 200 else None
        except (OSError, http.client.HTTPException, dns.exception.DNSException, StopIteration, IndexError, socket.timeout):
            return None

    def since(self, begun, until=None):
        """-> the outcomes of requests that began since then"""
        with self.lock:
            return [one for one in self.outcomes if one[0] >= begun and (until is None or one[0] < until)]

    def shares(self, begun):
        """-> {country: {site: share of its answers}}"""
        out = {}
        for country in COUNTRIES:
            sites = [site for _, of, site in self.since(begun) if of == country and site]
            out[country] = {site: sites.count(site) / len(sites) for site in CLOUDS if site in sites}
        return out

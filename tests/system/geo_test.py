"""What an operator does with databases and places: asks what is known, swaps them, and is kept from a wrong one."""
import ipaddress
import json
import os
import sys

from lab import ROOT, Lab, read, unittest

sys.path.insert(0, os.path.join(ROOT, "tests", "model"))

import maxmind  # noqa: E402

GERMANY, VIRGINIA = ("DE", 50.11, 8.68), ("US", 39.04, -77.49)


class Geography(Lab):
    def database(self, moved=0):
        """The 256 networks 8.0.0.0/16 to 8.255.0.0/16: the first `moved` of them in Virginia, the rest in Germany."""
        entries = []
        for i in range(256):
            country, latitude, longitude = VIRGINIA if i < moved else GERMANY
            record = {"country_code": country, "latitude": latitude, "longitude": longitude, "city": "somewhere"}
            entries.append((ipaddress.ip_network(f"8.{i}.0.0/16"), record))
        path = os.path.join(self.folder, "city.mmdb")
        maxmind.write(path + ".new", entries, version=4, width=24)
        os.rename(path + ".new", path)
        return path

    def places(self, text):
        path = os.path.join(self.folder, "places.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def start(self, canary=""):
        self.places("prefix,lat,lon,country,name\n8.9.0.0/16,-23.55,-46.63,BR,Sao Paulo office\n")
        geo = f"geo: {{ city: {self.database()}, places_file: places.csv{canary} }}"
        self.sites()
        config = self.config(geo=geo, policy="[nearest, weighted, take: 1]")
        server = self.gslbd(config)
        self.wait_answer("127.0.11.1", 10, "8.200.0.0/24")
        return server

    def canary(self):
        return ", canary: { most: 5%, networks: [" + ", ".join(f"8.{i}.0.0/16" for i in range(100)) + "] }"

    def test_geo_tells_what_is_known_from_which_file_and_network(self):
        server = self.start()
        shown = server.ctl("geo", "8.200.1.2")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertRegex(shown.stdout, r"^8\.200\.1\.2 -> DE, somewhere \(50\.11, 8\.68\)\n")
        self.assertRegex(shown.stdout, r"country +DE +8\.200\.0\.0/16 +\S*/city\.mmdb\n")
        self.assertRegex(shown.stdout, r"www\.gslb\.example\.org +fra \| iad \| gru +/\d+\n")
        place = json.loads(server.ctl("geo", "8.9.1.1", json=True).stdout)
        fact = next(f for f in place["facts"] if f["what"] == "coordinates")
        self.assertEqual((fact["from"], fact["line"], fact["network"]), ("place", 2, "8.9.0.0/16"))
        self.assertEqual(place["sites"][0]["site"], "gru")
        offline = server.ctl("geo", "8.200.1.2", "--config", server.config)
        self.assertEqual(offline.stdout, shown.stdout)

    def test_geo_refuses_to_speak_of_a_file_that_is_not_what_was_loaded(self):
        server = self.start()
        self.database(moved=1)
        refused = server.ctl("geo", "8.200.1.2")
        self.assertEqual(refused.returncode, 5, refused.stdout)
        self.assertIn("city.mmdb: has changed since it was loaded; reload first", refused.stderr)

    def test_places_of_a_file_are_loaded_anew_at_a_reload(self):
        server = self.start()
        self.wait_answer("127.0.11.3", 5, "8.9.1.0/24")
        self.places("prefix,lat,lon\n8.9.0.0/16,39.04,-77.49\n")
        self.assertEqual(server.ctl("reload").returncode, 0)
        self.wait_answer("127.0.11.2", 5, "8.9.1.0/24")
        self.places("prefix,lat,lon\n8.9.0.0/16,39.04,west\n")
        failed = server.ctl("reload")
        self.assertEqual(failed.returncode, 4)
        self.assertIn('places.csv:2:18: geo.places_file: "west" is not a longitude', failed.stderr)
        self.assertEqual(self.answer("8.9.1.0/24"), ["127.0.11.2"])

    def test_a_damaged_database_is_refused_and_the_old_one_answers_on(self):
        server = self.start()
        path = os.path.join(self.folder, "city.mmdb")
        with open(path, "r+b") as file:
            file.seek(300)
            file.write(b"\xff" * 64)
        failed = server.ctl("reload", "--accept-geo")
        self.assertEqual(failed.returncode, 4, failed.stdout)
        self.assertIn("city.mmdb", failed.stderr)
        self.assertEqual(self.answer("8.200.0.0/24"), ["127.0.11.1"])

    def test_a_database_that_moves_too_many_canary_networks_is_refused_until_it_is_accepted(self):
        server = self.start(self.canary())
        self.database(moved=6)
        refused = server.ctl("reload")
        self.assertEqual(refused.returncode, 5, refused.stdout + refused.stderr)
        self.assertIn("gslbctl reload --accept-geo", refused.stderr)
        self.assertIn("6 % of 100 IPv4 canary networks would change sites for www.gslb.example.org", refused.stderr)
        self.assertEqual(self.answer("8.0.1.0/24"), ["127.0.11.1"])
        status = json.loads(server.ctl("status", json=True).stdout)
        self.assertIn("canary networks would change sites", status["last_reload_error"])
        self.assertEqual(status["configuration"], 1)
        self.assertIn("canary networks would change sites", read(server.log))
        accepted = server.ctl("reload", "--accept-geo")
        self.assertEqual(accepted.returncode, 0, accepted.stderr)
        self.wait_answer("127.0.11.2", 5, "8.0.1.0/24")
        self.assertEqual(json.loads(server.ctl("status", json=True).stdout)["last_reload_error"], "")

    def test_a_database_that_moves_few_is_taken(self):
        server = self.start(self.canary())
        self.database(moved=5)
        self.assertEqual(server.ctl("reload").returncode, 0)
        self.wait_answer("127.0.11.2", 5, "8.0.1.0/24")


if __name__ == "__main__":
    unittest.main()

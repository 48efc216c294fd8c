"""A configuration that changes, or does not compile, while clients ask."""
import json
import os
import signal
import struct
import subprocess

from lab import BIN, Lab, query, unittest


class Reload(Lab):
    def start(self):
        self.sites()
        server = self.gslbd()
        self.wait_answer("127.0.11.1", 10)
        return server

    def test_a_hangup_loads_the_configuration_anew(self):
        server = self.start()
        server.write(self.config(serial=2, policy="[priority: [iad, fra], take: 1]"))
        server.signal(signal.SIGHUP)
        self.wait_for(lambda: self.serial() == 2, 10, "serial 2")
        self.wait_answer("127.0.11.2", 5)

    def test_gslbctl_reload_returns_when_the_new_configuration_answers(self):
        server = self.start()
        server.write(self.config(serial=7))
        done = server.ctl("reload")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.serial(), 7)

    def test_a_configuration_that_does_not_compile_changes_nothing_and_says_why(self):
        server = self.start()
        server.write(self.config(serial=2).replace("iad: 127.0.11.2", "iadd: 127.0.11.2"))
        done = server.ctl("reload")
        self.assertEqual(done.returncode, 4, done.stdout + done.stderr)
        self.assertRegex(done.stdout + done.stderr, r'gslb\.yaml:\d+:\d+: .*no site is named "iadd"')
        self.assertIn('did you mean "iad"?', done.stdout + done.stderr)
        self.assertEqual(self.serial(), 1)
        self.assertEqual(self.answer(), ["127.0.11.1"])
        self.assertIn("iadd", json.loads(server.ctl("status", json=True).stdout)["last_reload_error"])

    def test_a_hangup_with_a_broken_file_changes_nothing_and_the_next_good_one_loads(self):
        server = self.start()
        server.write("zones: [")
        server.signal(signal.SIGHUP)
        self.wait_for(lambda: "gslb.yaml:" in self.log_of(server), 10, "the log names the file")
        self.assertEqual(self.answer(), ["127.0.11.1"])
        server.write(self.config(serial=3))
        server.signal(signal.SIGHUP)
        self.wait_for(lambda: self.serial() == 3, 10, "serial 3")

    def log_of(self, server):
        with open(server.log) as log:
            return log.read()

    def test_verdicts_outlive_a_reload(self):
        sites = self.sites()
        server = self.gslbd()
        self.wait_answer("127.0.11.1", 10)
        sites["fra"].stop()
        self.wait_answer("127.0.11.2", 10)
        server.write(self.config(serial=2))
        self.assertEqual(server.ctl("reload").returncode, 0)
        for _ in range(20):
            self.assertEqual(self.answer(), ["127.0.11.2"])

    def test_a_hundred_reloads_under_load_lose_no_query(self):
        server = self.start()
        questions = os.path.join(self.folder, "questions.bin")
        with open(questions, "wb") as f:
            for i in range(1000):
                wire = query("www.gslb.example.org" if i % 2 else "gslb.example.org", "A" if i % 2 else "SOA").to_wire()
                f.write(struct.pack(">H", len(wire)) + wire)
        reloads, loads = 0, []
        while reloads < 100:
            load = subprocess.Popen(
                [os.path.join(BIN, "dns_load"), "-p", str(self.port), "-d", questions, "-r", "2000", "-t", "10"],
                stdout=subprocess.PIPE,
                text=True,
            )
            while load.poll() is None:
                reloads += 1
                server.write(self.config(serial=1 + reloads))
                server.signal(signal.SIGHUP)
                self.wait_for(lambda: self.serial() == 1 + reloads, 20, "serial %d" % (1 + reloads))
            loads.append(json.loads(load.communicate()[0]))
        self.assertGreaterEqual(sum(l["good"] for l in loads), 15000)
        self.assertEqual([(l["lost"], l["bad"]) for l in loads], [(0, 0)] * len(loads))


class Check(Lab):
    def check(self, program, *arguments):
        return subprocess.run(
            [os.path.join(BIN, program), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
        )

    def path(self, text):
        path = os.path.join(self.folder, "gslb.yaml")
        with open(path, "w") as f:
            f.write(text)
        return path

    def test_a_valid_configuration_is_accepted(self):
        path = self.path(self.config())
        for done in (self.check("gslbd", "--config", path, "--check"), self.check("gslbctl", "check", path)):
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_an_invalid_one_ends_with_status_4_and_all_its_errors(self):
        path = self.path(
            self.config().replace("http: /healthz", "htp: /healthz").replace("slowstart: 0s", "slowstart: soon")
        )
        for done in (self.check("gslbd", "--config", path, "--check"), self.check("gslbctl", "check", path)):
            self.assertEqual(done.returncode, 4)
            self.assertIn('did you mean "http"?', done.stdout + done.stderr)
            self.assertIn("slowstart", done.stdout + done.stderr)
            self.assertIn("^", done.stdout + done.stderr)

    def test_a_server_does_not_start_with_an_invalid_configuration(self):
        done = self.check("gslbd", "--config", self.path("zones: {}\nlisten: nowhere\n"))
        self.assertEqual(done.returncode, 4)

    def test_a_file_that_is_not_there_is_named(self):
        done = self.check("gslbd", "--config", "/nowhere/gslb.yaml")
        self.assertEqual(done.returncode, 4)
        self.assertIn("/nowhere/gslb.yaml", done.stderr + done.stdout)


if __name__ == "__main__":
    unittest.main()

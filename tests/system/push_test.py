"""Monitors that are told: a service says how it is by the control API, and its silence is a failure."""
import json
import os
import subprocess

from lab import Lab, unittest

ALL = ("127.0.11.1", "127.0.11.2", "127.0.11.3")


class Pushes(Lab):
    def start(self, monitor="{ push: 1h }", more=""):
        self.server = self.gslbd(self.config(monitor=monitor) + more)
        return self.server

    def put(self, whom, body=None, status=200, query=""):
        command = ["curl", "--silent", "--show-error", "--max-time", "10", "--unix-socket", self.server.socket]
        command += ["--write-out", "\n%{http_code}", "--request", "PUT"]
        if body is not None:
            command += ["--data-binary", json.dumps(body) if isinstance(body, dict) else body]
        done = subprocess.run(
            command + ["http://localhost/v1/push?target=" + whom + query], capture_output=True, text=True, check=True
        )
        said, code = done.stdout.rsplit("\n", 1)
        self.assertEqual(int(code), status, said)
        return json.loads(said)

    def ctl(self, *arguments, exit=0):
        done = self.server.ctl(*arguments)
        self.assertEqual(done.returncode, exit, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_what_services_push_changes_answers_at_once(self):
        self.start()
        for address in ALL:
            self.assertEqual(self.put(address), {"ok": True, "targets": [address + " push web"]})
        self.wait_answer(ALL[0], 5)
        self.put("www/fra", {"status": "fail", "note": "no database"})
        self.wait_answer(ALL[1], 5)
        self.assertIn("down: pushed fail: no database", self.ctl("states", "www"))
        events = json.loads(self.server.ctl("events", json=True).stdout)["events"]
        fell = [e for e in events if e["kind"] == "verdict" and e["address"] == ALL[0]][-1]
        self.assertEqual(
            [(o["ok"], o["phase"], o["detail"]) for o in fell["evidence"]],
            [(True, "passed", "pushed pass"), (False, "status", "pushed fail: no database")],
        )
        self.assertIn("warn is taken for 127.0.11.1", self.ctl("push", "fra", "warn", "--note", "disk 91 % full"))
        self.wait_answer(ALL[0], 5)

    def test_silence_is_a_failure_and_speaking_again_ends_it(self):
        self.start(monitor="{ push: 2s }")
        for address in ALL:
            self.put(address)
        self.wait_answer(ALL[0], 5)

        def others_go_on():
            for address in ALL[1:]:
                self.put(address)
            return self.answer() == [ALL[1]]

        self.assertGreater(self.wait_for(others_go_on, 10, "the silent one is down"), 1)
        self.assertIn("nothing pushed for 2 s", self.ctl("states", "www"))
        self.put(ALL[0])
        self.wait_answer(ALL[0], 1.5)

    def test_a_restart_fails_nobody_and_forgets_no_failure(self):
        self.start(monitor="{ push: 1h }")
        for address in ALL:
            self.put(address)
        self.put(ALL[0], {"status": "fail"})
        self.wait_answer(ALL[1], 5)
        self.assertEqual(self.server.stop(), 0)
        self.start(monitor="{ push: 1h }")
        self.wait_answer(ALL[1], 5)
        self.put(ALL[0])
        self.wait_answer(ALL[0], 5)

    def test_what_it_cannot_use_it_refuses(self):
        self.start()
        self.assertIn("pass, warn or fail", self.put(ALL[0], {"status": "well"}, status=400)["error"])
        self.put(ALL[0], "status=pass", status=400)
        self.put("198.51.100.77", status=404)
        self.assertIn("waits for pushes to disk", self.put("fra", status=404, query="&monitor=disk")["error"])
        self.assertEqual(self.ctl("push", "fra", "pass").count("\n"), 1)
        self.ctl("push", "fra", "well", exit=2)
        nowhere = os.path.join(self.folder, "nowhere.sock")
        self.ctl("push", "fra", "pass", "--server", self.server.socket, "--server", nowhere, exit=7)
        self.ctl("probe", "fra", exit=1)


if __name__ == "__main__":
    unittest.main()

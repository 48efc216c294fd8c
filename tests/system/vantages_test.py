"""Two name servers and a prober that report to each other over mutually authenticated HTTPS, in network namespaces.

Needs root.
"""
import json
import os
import re
import signal
import subprocess

from fleet import Authority, Fleet
from lab import BIN, ROOT, Lab, Process, read
from namespaces import main


class Vantages(Fleet):
    def wait_heard(self, listener, speaker, seconds=15):
        member = self.members[listener]
        return self.wait_for(lambda: member.hears(speaker), seconds, "%s hears %s" % (listener, speaker))

    def wait_silence(self, listener, speaker, seconds=15):
        member = self.members[listener]
        return self.wait_for(
            lambda: member.status() and not member.hears(speaker), seconds, "%s misses %s" % (listener, speaker)
        )

    def test_every_vantage_is_heard_by_every_node(self):
        self.start()
        for node in self.nodes:
            for other in self.members:
                if other != node:
                    self.wait_heard(node, other)
        status = self.members["fra-1"].status()["sharing"]
        self.assertEqual(status["name"], "fra-1")
        self.assertEqual(status["foreign"], 0)
        self.assertEqual(self.members["fra-1"].peer("iad-1")["failure"], "")
        text = self.members["fra-1"].ctl("status").stdout
        self.assertIn("vantage fra-1 at fra", text)
        self.assertRegex(text, r"iad-1 +iad +.* ago")
        prober = self.members["nrt-1"]
        self.assertIn("gslb-prober", prober.ctl("status").stdout)
        self.assertEqual(prober.status()["targets_up"], 2)
        self.assertIn("serves only", prober.ctl("states").stderr)

    def test_a_target_is_probed_now_from_everywhere(self):
        self.start()
        for other in ("iad-1", "nrt-1"):
            self.wait_heard("fra-1", other)
        node = self.members["fra-1"]
        done = node.ctl("--json", "probe", "www")
        probes = json.loads(done.stdout)["probes"]
        self.assertEqual(sorted({probe["vantage"] for probe in probes}), ["fra-1", "iad-1", "nrt-1"])
        self.assertTrue(all(probe["ok"] for probe in probes), probes)
        self.assertEqual(done.returncode, 0)
        alone = json.loads(node.ctl("--json", "probe", "www", "--from", "here").stdout)["probes"]
        self.assertEqual({probe["vantage"] for probe in alone}, {"fra-1"})
        self.assertIn("no other vantage named mars", node.ctl("probe", "www", "--from", "mars").stderr)
        self.cut("nrt-1")
        self.wait_silence("fra-1", "nrt-1")
        done = node.ctl("probe", "www", "--from", "nrt-1")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("no report of it", done.stdout)

    def test_a_vantage_that_is_cut_off_is_missed_and_heard_again(self):
        self.start()
        self.wait_heard("fra-1", "nrt-1")
        self.cut("nrt-1")
        self.wait_silence("fra-1", "nrt-1")
        self.wait_heard("fra-1", "iad-1")
        prober = self.members["nrt-1"]
        self.wait_for(lambda: prober.peer("fra-1")["failure"] != "", 15, "the prober knows that it is cut off")
        self.heal("nrt-1")
        self.wait_heard("fra-1", "nrt-1", 20)
        self.wait_for(lambda: prober.peer("fra-1")["failure"] == "", 15, "the prober is heard again")

    def test_a_node_that_is_killed_is_heard_again_after_its_return(self):
        self.start()
        self.wait_heard("fra-1", "iad-1")
        iad = self.members["iad-1"]
        iad.signal(signal.SIGKILL)
        iad.process.wait()
        self.wait_silence("fra-1", "iad-1")
        self.wait_heard("fra-1", "nrt-1")
        self.assertEqual(len(self.members["fra-1"].ask().answer), 1)
        self.start("iad-1")
        self.wait_heard("fra-1", "iad-1")

    def test_strangers_are_turned_away(self):
        self.start("fra-1")
        stranger = self.authority.issue("www.example.org")
        status, text = self.post(b"", stranger)
        self.assertEqual(status, 403)
        self.assertIn("not that of another vantage, but of www.example.org", text)
        self.assertEqual(self.post(b"hello", self.authority.issue("iad-1"))[0], 400)
        self.assertEqual(self.post(b"", None)[0], 0)
        os.mkdir(os.path.join(self.folder, "other"))
        forged = Authority(os.path.join(self.folder, "other")).issue("iad-1")
        self.assertEqual(self.post(b"", forged)[0], 0)
        self.assertEqual(self.members["fra-1"].status()["sharing"]["foreign"], 1)
        self.assertIn("1 reports were refused", self.members["fra-1"].ctl("status").stdout)

    def test_the_prober_keeps_its_state_reloads_and_says_what_is_wrong(self):
        self.start()
        prober = self.members["nrt-1"]
        with open(prober.config) as f:
            good = f.read()
        with open(prober.config, "w") as f:
            f.write(good.replace("vantages:", "vantags:"))
        refused = prober.ctl("reload")
        self.assertEqual(refused.returncode, 4, refused)
        self.assertIn('there is no key "vantags" here', refused.stderr)
        self.assertEqual(prober.status()["configuration"], 1)
        with open(prober.config, "w") as f:
            f.write(good.replace("endpoints: { fra: 192.0.2.101, ", "endpoints: { "))
        self.assertEqual(prober.ctl("reload").returncode, 0)
        self.wait_for(lambda: prober.status()["targets"] == 1, 10, "one target is left")
        self.assertEqual(prober.stop(), 0)
        self.assertIn("verdict", read(os.path.join(prober.folder, "state", "health.json")))
        self.assertIn(b"vantages", self.run_check(prober))

    def test_a_reload_follows_the_other_vantages_and_says_what_needs_a_restart(self):
        self.start("fra-1", "iad-1")
        fra = self.members["fra-1"]
        good = read(fra.config)
        with open(fra.config, "w") as f:
            f.write(good.replace("  nrt-1: {}\n", "").replace("vantage: {", "vantage: { period: 500ms,"))
        self.assertEqual(fra.ctl("reload").returncode, 0)
        self.assertEqual([peer["name"] for peer in fra.status()["sharing"]["peers"]], ["iad-1"])
        self.assertIn("vantage has changed; it takes effect at the next start", fra.status()["warnings"])
        self.wait_heard("fra-1", "iad-1")

    def run_check(self, prober):
        return subprocess.check_output([os.path.join(BIN, "gslb-prober"), "--config", prober.config, "--check"])


class Documentation(Lab):
    """docs/vantages.md as an operator follows it."""

    def test_its_certificates_and_configuration_are_what_gslbd_takes(self):
        text = read(os.path.join(ROOT, "docs", "vantages.md"))
        commands = re.search(r"```sh\n(.*?)```", text, re.S).group(1)
        tls = os.path.join(self.folder, "tls")
        os.mkdir(tls)
        subprocess.run(["bash", "-e", "-c", commands], cwd=tls, check=True, stderr=subprocess.DEVNULL)
        for name in ("fra-1", "iad-1", "nrt-1"):
            subprocess.run(
                ["openssl", "verify", "-CAfile", "vantages-ca.pem", "-verify_hostname", name, name + ".pem"],
                cwd=tls,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        sample = re.search(r"```yaml\n(.*?)```", text, re.S).group(1)
        self.assertEqual(sample.count("/etc/gslb/tls/vantage."), 2)
        path = os.path.join(self.folder, "gslb.yaml")
        with open(path, "w") as f:
            here = sample.replace("/etc/gslb/tls/vantage.", tls + "/nrt-1.").replace("/etc/gslb", self.folder)
            f.write(self.config(more=here))
        for program in ("gslbd", "gslb-prober"):
            checked = subprocess.run([os.path.join(BIN, program), "--config", path, "--check"], capture_output=True)
            self.assertEqual(checked.returncode, 0, checked.stderr)
        command = [os.path.join(BIN, "gslb-prober"), "-c", path, "--vantage", "nrt-1"]
        prober = self.run_process(Process(self.folder, "prober", command))
        ask = [os.path.join(BIN, "gslbctl"), "--socket", os.path.join(self.folder, "control.sock"), "status"]
        self.wait_for(
            lambda: b"vantage nrt-1" in subprocess.run(ask, capture_output=True).stdout, 10, "gslbctl shows the prober"
        )
        self.assertEqual(prober.stop(), 0)


if __name__ == "__main__":
    main()

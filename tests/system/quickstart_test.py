"""deploy/quickstart as a newcomer uses it, and the transcript in README.md, which is this test's output.

  quickstart_test.py --write     puts a fresh transcript into README.md
"""
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from lab import BIN, ROOT, read

SCRIPT = os.path.join(ROOT, "deploy", "quickstart")
README = os.path.join(ROOT, "README.md")
TRANSCRIPT = re.compile(r"(<!-- transcript: tests/system/quickstart_test.py -->\n```console\n)(.*?)(```\n)", re.S)
DIG = "dig @127.0.0.1 -p 5300 www.gslb.example.org +short +subnet=85.214.132.0/24    # a client in Germany"
SESSION = [
    DIG,
    "deploy/quickstart fail fra",
    "sleep 5",
    DIG,
    "deploy/quickstart status",
    "deploy/quickstart heal fra",
    "sleep 9",
    DIG,
]


def shape(text):
    """The transcript without what differs from run to run: numbers, and the blanks that align them."""
    text = re.sub(r"\b\d{4}-\d{2}-\d{2}[T ][\d:.+Z-]+", "TIME", text)
    text = re.sub(r"(?<![\d.])\d[\d,.]*\s?(ms|min|s|h|d|%|q/s)?(?![\d.]*\.\d)(?=[\s,)/]|$)", "N", text, flags=re.M)
    return re.sub(r"(N )+N", "N", re.sub(r"[ \t]+", " ", text)).strip()


class QuickStart(unittest.TestCase):
    def setUp(self):
        self.output = tempfile.NamedTemporaryFile(mode="r", prefix="gslb-quickstart-test-")
        self.addCleanup(self.output.close)
        self.script = None
        self.addCleanup(self.end)

    def start(self):
        command = [SCRIPT, "--programs", BIN, "--no-table"]
        with open(self.output.name, "w") as output:
            self.script = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        self.wait_for(lambda: "Break something" in read(self.output.name), 60, "the quick start is up")

    def end(self):
        """Ctrl-C. -> exit status"""
        if self.script is None:
            return None
        if self.script.poll() is None:
            self.script.send_signal(signal.SIGINT)
        try:
            return self.script.wait(30)
        except subprocess.TimeoutExpired:
            self.script.kill()
            raise

    def wait_for(self, condition, seconds, what):
        end = time.monotonic() + seconds
        while not condition():
            gone = self.script is not None and self.script.poll() is not None
            if gone or time.monotonic() > end:
                self.fail("%s: %s\n%s" % ("it ended" if gone else "too late", what, read(self.output.name)))
            time.sleep(0.05)

    def run_in_shell(self, command):
        done = subprocess.run(
            ["bash", "-c", command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        return "$ %s\n%s" % (command, done.stdout)

    def transcript(self):
        self.start()
        time.sleep(2)
        return "".join(self.run_in_shell(command) for command in SESSION)

    def test_a_site_fails_and_heals_as_the_readme_shows(self):
        shown = TRANSCRIPT.search(read(README))
        self.assertIsNotNone(shown, "README.md has no transcript")
        fresh = self.transcript()
        self.assertEqual(shape(fresh), shape(shown.group(2)))
        self.assertEqual(re.findall(r"^127\.0\.10\.\d$", fresh, re.M), ["127.0.10.1", "127.0.10.2", "127.0.10.1"])

    def test_it_names_the_site_of_each_country_and_each_site_says_its_name(self):
        self.start()
        text = read(self.output.name)
        for country, site in (
            ("Germany", "127.0.10.1  fra"),
            ("Brazil", "127.0.10.3  gru"),
            ("Japan", "127.0.10.1  fra"),
        ):
            self.assertRegex(text, r"# %s +-> %s\n" % (country, site))
        for last, name in ((1, "fra"), (2, "iad"), (3, "gru")):
            with socket.create_connection(("127.0.10.%d" % last, 8080), 5) as s:
                s.sendall(b"GET / HTTP/1.0\r\n\r\n")
                self.assertIn(("this is " + name).encode(), s.makefile("rb").read())

    def test_ctrl_c_ends_everything_and_leaves_nothing(self):
        self.start()
        self.assertEqual(self.end(), 0)
        self.assertIn("Everything has ended", read(self.output.name))
        for address, port in (("127.0.0.1", 5300), ("127.0.10.1", 8080), ("127.0.10.3", 8080)):
            with socket.socket() as s:
                self.assertNotEqual(s.connect_ex((address, port)), 0)

    def test_a_taken_port_is_one_sentence(self):
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(("127.0.0.1", 5300))
            s.listen()
            done = subprocess.run(
                [SCRIPT, "--programs", BIN], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"\Adeploy/quickstart: port 5300 is taken: .*\n\Z")

    def test_a_second_one_is_one_sentence(self):
        self.start()
        done = subprocess.run([SCRIPT, "--programs", BIN], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"\Adeploy/quickstart: it is running already .*\n\Z")

    def test_a_site_that_dies_by_itself_is_named_and_ends_everything(self):
        self.start()
        work = os.path.join(os.environ.get("XDG_RUNTIME_DIR") or "/tmp", "gslb-quickstart-%d" % os.getuid())
        os.kill(int(read(os.path.join(work, "iad.pid"))), signal.SIGKILL)
        self.assertEqual(self.script.wait(20), 1)
        self.assertIn("iad has ended by itself", read(self.output.name))
        self.assertFalse(os.path.exists(work))


def write():
    test = QuickStart()
    test.setUp()
    try:
        fresh = test.transcript()
    finally:
        test.doCleanups()
    before = read(README)
    with open(README, "w") as f:
        f.write(TRANSCRIPT.sub(lambda m: m.group(1) + fresh + m.group(3), before))


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write()
    else:
        unittest.main()

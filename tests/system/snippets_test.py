"""What docs/pairing gives to put into a balancer's configuration is accepted by the balancer itself."""
import glob
import os
import re
import subprocess
import unittest

from lab import ROOT, Lab, program

DEFAULTS = "defaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 1s\nfrontend own\n  bind unix@{folder}/own.sock\n"
NGINX = """
pid {folder}/nginx.pid; error_log stderr warn;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
{snippet}
}}
"""


def snippets(language):
    """-> (file and line, text) of each block of that language"""
    for path in sorted(glob.glob(os.path.join(ROOT, "docs", "pairing", "*.md"))):
        with open(path) as f:
            text = f.read()
        for block in re.finditer(r"^```%s\n(.*?)^```$" % language, text, re.M | re.S):
            line = text.count("\n", 0, block.start()) + 1
            yield "%s:%d" % (os.path.basename(path), line), block.group(1)


class Snippets(Lab):
    def check(self, where, *command):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30)
        self.assertEqual(done.returncode, 0, "%s\n%s" % (where, done.stdout))

    def test_haproxys(self):
        found = list(snippets("haproxy"))
        self.assertGreater(len(found), 2)
        for where, text in found:
            with self.subTest(where):
                # A socket of its own, where nothing has to be running.
                text = text.replace("/run/haproxy", self.folder)
                self.check(where, program("haproxy"), "-c", "-f", self.write("snippet.cfg", DEFAULTS.format(folder=self.folder) + text))

    def test_nginxs(self):
        found = list(snippets("nginx"))
        self.assertGreater(len(found), 0)
        for where, text in found:
            with self.subTest(where):
                path = self.write("snippet.conf", NGINX.format(folder=self.folder, snippet=text))
                self.check(where, program("nginx"), "-t", "-e", "stderr", "-c", path)


if __name__ == "__main__":
    unittest.main()

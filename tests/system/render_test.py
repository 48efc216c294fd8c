"""A balancer's configuration follows what gslbd knows: gslbctl render with real nginx and HAProxy."""
import os
import re
import signal
import urllib.request

from lab import ROOT, BIN, Lab, Process, free_port, program, read, unittest

FRONT = """
daemon off; pid {folder}/front.pid; error_log stderr warn;
events {{ worker_connections 200; }}
http {{
  access_log off;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  include {folder}/sites.conf;
  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://other_sites; }} }}
}}
"""
FRONTEND = "frontend any\n  mode http\n  bind 127.0.0.1:8080\n  default_backend other_sites\n"


def template(balancer):
    """The template of docs/pairing/render.md for a balancer."""
    text = read(os.path.join(ROOT, "docs", "pairing", "render.md"))
    return next(b for b in re.findall("```mustache\n(.*?)```", text, re.S) if b.startswith("# " + balancer))


class Render(Lab):
    def setUp(self):
        super().setUp()
        self.site("fra", "127.0.11.1")
        self.site("iad", "127.0.11.2", "nginx")
        self.server = self.gslbd(
            self.config("    services: { www: { endpoints: { fra: 127.0.11.1, iad: 127.0.11.2 } } }")
        )
        self.wait_answer("127.0.11.1", 10)

    def test_nginx_follows_drains(self):
        port = free_port()
        source = self.write("sites.mustache", template("nginx").replace(":80", ":%d" % self.site_port))
        config = self.write("front.conf", FRONT.format(folder=self.folder, port=port))
        check = "%s -t -q -e stderr -c %s" % (program("nginx"), config)
        arguments = ["render", source, "--output", self.path("sites.conf"), "--check", check]
        first = self.server.ctl(*arguments)
        self.assertEqual(first.returncode, 0, first.stderr)
        front = self.run_process(Process(self.folder, "front", [program("nginx"), "-e", "stderr", "-c", config]))
        self.wait_for(lambda: read(self.path("front.pid")).strip(), 10, "nginx is there")
        reload = 'kill -HUP "$(cat %s)"' % self.path("front.pid")
        command = [os.path.join(BIN, "gslbctl"), "--socket", self.server.socket]
        self.run_process(Process(self.folder, "render", [*command, *arguments, "--reload", reload, "--watch", "0.2"]))

        def served():
            with urllib.request.urlopen("http://127.0.0.1:%d/" % port, timeout=5) as answer:
                return answer.read().decode().strip()

        self.wait_for(lambda: {served() for _ in range(20)} == {"fra", "iad"}, 10, "both sites serve")
        self.server.ctl("drain", "fra", "--for", "1h", "--reason", "test")
        self.wait_for(lambda: {served() for _ in range(20)} == {"iad"}, 10, "fra gets nothing more")
        self.server.ctl("undrain", "fra")
        self.wait_for(lambda: {served() for _ in range(20)} == {"fra", "iad"}, 10, "fra is back")
        # With none usable the template gives all: better than an error for everybody.
        self.server.ctl("drain", "fra", "--for", "1h", "--reason", "test", "--force")
        self.server.ctl("drain", "iad", "--for", "1h", "--reason", "test", "--force")
        self.wait_for(lambda: "weight" not in read(self.path("sites.conf")), 10, "none is usable")
        self.wait_for(lambda: {served() for _ in range(20)} == {"fra", "iad"}, 10, "all serve")
        self.assertTrue(front.running())

    def test_haproxy_accepts_what_its_template_makes(self):
        source = self.write("sites.mustache", template("haproxy"))
        timeouts = "defaults\n  timeout client 5s\n  timeout server 5s\n  timeout connect 1s\n"
        base = self.write("base.cfg", timeouts + FRONTEND)
        output = self.path("sites.cfg")
        check = '%s -c -f %s -f "$1"' % (program("haproxy"), base)
        done = self.server.ctl("render", source, "--output", output, "--check", check)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("  server fra 127.0.11.1:80 weight 100\n", read(output))
        done = self.server.ctl("render", source, "--output", output, "--check", check)
        self.assertEqual(done.stdout, output + ": unchanged\n")
        os.rename(output, self.path("real.cfg"))
        os.symlink("real.cfg", output)
        self.server.ctl("drain", "fra", "--for", "1h", "--reason", "test")
        self.server.ctl("render", source, "--output", output, "--check", check)
        self.assertTrue(os.path.islink(output))
        self.assertIn("  server fra 127.0.11.1:80 weight 0 disabled\n", read(self.path("real.cfg")))
        self.write("sites.mustache", template("haproxy") + "  nonsense\n")
        done = self.server.ctl("render", source, "--output", output, "--check", check)
        self.assertEqual(done.returncode, 1)
        self.assertIn("unknown keyword 'nonsense'", done.stderr)
        self.assertNotIn("nonsense", read(output))

    def test_a_server_that_is_gone_changes_nothing(self):
        source = self.write("sites.mustache", template("nginx"))
        output = self.path("sites.conf")
        self.assertEqual(self.server.ctl("render", source, "--output", output).returncode, 0)
        before = read(output)
        self.server.signal(signal.SIGKILL)
        self.server.process.wait()
        done = self.server.ctl("render", source, "--output", output)
        self.assertEqual(done.returncode, 3)
        self.assertEqual(read(output), before)


if __name__ == "__main__":
    unittest.main()

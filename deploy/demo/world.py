"""Three clouds and three client countries, each in a network namespace that this makes, on one wire.

    cloud fra              cloud iad              cloud sin               de            us            sg
  VIP: HAProxy           VIP: nginx             VIP: HAProxy           unbound       unbound       unbound
  web1 web2              web1 web2              web1 web2              clients       clients       clients
  gslbd gslb-prober etcd gslbd gslb-prober etcd gslbd gslb-prober etcd
     └──────────────────────┴──────────────── br0 ────┴───────────────────┴─────────────┴─────────────┘

Needs root. Everything ends with close(), and after a crash with the process: nothing is left but empty namespaces.
"""
import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
CLOUDS = {"fra": ("de", "haproxy"), "iad": ("us", "nginx"), "sin": ("sg", "haproxy")}
COUNTRIES = {"de": ("DE", 51.2, 10.4), "us": ("US", 39.8, -98.6), "sg": ("SG", 1.35, 103.8)}
PLACES = {"fra": (50.11, 8.68), "iad": (39.04, -77.49), "sin": (1.35, 103.82)}
ZONE, NAME, PORT, REPORTS = "gslb.example.org", "www.gslb.example.org", 80, 8443
INTERVAL, TIMEOUT, FALL, TTL = 0.5, 0.4, 3, 5  # seconds

HAPROXY = """
global
  maxconn 2000
  stats socket {folder}/haproxy.sock mode 660 level admin
defaults
  mode http
  option redispatch 1
  retries 3
  timeout connect 500ms
  timeout client 5s
  timeout server 5s
frontend www
  bind {vip}:80
  http-response set-header X-Site {name}
  default_backend www
backend www
  option httpchk GET /
  default-server inter 300ms fall 2 rise 2
  server web1 127.0.0.1:8081 check
  server web2 127.0.0.1:8082 check
"""
NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.err warn; user root;
worker_rlimit_nofile 4096; events {{ worker_connections 2000; }}
http {{
  access_log off;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream www {{ server 127.0.0.1:8081 max_fails=1 fail_timeout=2s; server 127.0.0.1:8082 max_fails=1 fail_timeout=2s; keepalive 32; }}
  server {{ listen {vip}:80 backlog=1024; add_header X-Site {name};
    location / {{ proxy_pass http://www; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_connect_timeout 500ms;
                 proxy_next_upstream error timeout http_502 http_503; }} }}
}}
"""
WEB = """
daemon off; master_process off; pid {folder}/{name}.pid; error_log {folder}/{name}.err warn; user root;
worker_rlimit_nofile 4096; events {{ worker_connections 2000; }}
http {{
  access_log off; default_type text/plain;
  client_body_temp_path {folder}/{name}-b; proxy_temp_path {folder}/{name}-p; fastcgi_temp_path {folder}/{name}-f; uwsgi_temp_path {folder}/{name}-u; scgi_temp_path {folder}/{name}-s;
  server {{ listen 127.0.0.1:{port} backlog=1024; location / {{ return 200 "{site} {name}\\n"; }} }}
}}
"""
UNBOUND = """
server:
  interface: 127.0.0.1
  do-ip6: no
  do-daemonize: no
  chroot: ""
  username: ""
  directory: "{folder}"
  pidfile: ""
  use-syslog: no
  logfile: "{folder}/unbound.out"
  verbosity: 0
  module-config: "subnetcache iterator"
  send-client-subnet: 192.0.2.0/24
  client-subnet-always-forward: yes
  max-client-subnet-ipv4: 24
  access-control: 127.0.0.0/8 allow
  outgoing-interface: {address}
  domain-insecure: "example.org"
  local-zone: "example.org." nodefault
  do-not-query-localhost: no
remote-control:
  control-enable: no
stub-zone:
  name: "{zone}"
  stub-prime: no
{stubs}
"""


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def network_of(address):
    return address.rsplit(".", 1)[0] + ".0/24"


@contextlib.contextmanager
def inside(namespace):
    """Sockets opened and programs started here belong to the namespace for ever. Of this thread alone."""
    with open("/proc/thread-self/ns/net") as home, open("/run/netns/" + namespace) as there:
        if LIBC.setns(there.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        try:
            yield
        finally:
            LIBC.setns(home.fileno(), CLONE_NEWNET)


def die_with_parent():
    LIBC.prctl(1, signal.SIGKILL)


class World:
    def __init__(self, programs):
        self.programs, self.tag = programs, "gslb-demo%d-" % os.getpid()
        self.folder = tempfile.mkdtemp(prefix="gslb-demo-")
        self.processes, self.namespaces = {}, []
        names = [*CLOUDS, *COUNTRIES]
        self.vip = {c: "192.0.2.%d" % (101 + i) for i, c in enumerate(CLOUDS)}
        self.node = {c: "192.0.2.%d" % (1 + i) for i, c in enumerate(CLOUDS)}
        self.country = dict(zip(COUNTRIES, ("198.51.100.1", "203.0.113.1", "198.18.1.1")))  # a /24 each: so much is told of them
        self.hub = self.namespace("hub")
        run("ip", "-n", self.hub, "link", "add", "br0", "type", "bridge")
        run("ip", "-n", self.hub, "link", "set", "br0", "up")
        for name in names:
            self.join(name)

    # ---- the wire

    def namespace(self, name):
        run("ip", "netns", "add", self.tag + name)
        self.namespaces.append(self.tag + name)
        return self.tag + name

    def join(self, name):
        namespace = self.namespace(name)
        run("ip", "link", "add", "eth0", "netns", namespace, "type", "veth", "peer", "name", "to-" + name, "netns", self.hub)
        run("ip", "-n", self.hub, "link", "set", "to-" + name, "master", "br0")
        run("ip", "-n", self.hub, "link", "set", "to-" + name, "up")
        run("ip", "-n", namespace, "link", "set", "lo", "up")
        run("ip", "-n", namespace, "link", "set", "eth0", "up")
        own = [self.vip[name], self.node[name]] if name in CLOUDS else [self.country[name]]
        for address in own:
            run("ip", "-n", namespace, "address", "add", address + "/24", "dev", "eth0")
        for address in ("192.0.2.0", *self.country.values()):
            run("ip", "-n", namespace, "route", "replace", network_of(address), "dev", "eth0", "src", own[-1])

    def cut(self, cloud):
        run("ip", "-n", self.hub, "link", "set", "to-" + cloud, "down")

    def heal(self, cloud):
        run("ip", "-n", self.hub, "link", "set", "to-" + cloud, "up")

    def lose(self, cloud, percent):
        """So many of the packets to the site are lost, HTTP ones."""
        rule = "add table inet demo; add chain inet demo in { type filter hook input priority 0; }; add rule inet demo in tcp dport 80"
        rule += " numgen random mod 100 < %d drop" % percent
        run("ip", "netns", "exec", self.tag + cloud, "nft", rule)

    def lose_nothing(self, cloud):
        run("ip", "netns", "exec", self.tag + cloud, "nft", "delete table inet demo")

    # ---- programs

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, path, text):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        return path

    def launch(self, name, where, command):
        self.processes[name] = [where, command, None]
        return self.start(name)

    def start(self, name):
        where, command, _ = self.processes[name]
        with inside(self.tag + where), open(self.path(name.replace("/", "-") + ".log"), "ab") as log:
            self.processes[name][2] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=die_with_parent
            )

    def stop(self, name, hard=False):
        process = self.processes[name][2]
        process.send_signal(signal.SIGKILL if hard else signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def ctl(self, cloud, *words, json_out=False):
        command = [os.path.join(self.programs, "gslbctl"), "--socket", self.path(cloud, "control.sock")]
        done = subprocess.run([*command, *(["--json"] if json_out else []), *words], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=60)  # fmt: skip
        return json.loads(done.stdout or "{}") if json_out else done

    # ---- the clouds and the countries

    def certificates(self):
        ca, key = self.path("ca.pem"), self.path("ca.key")
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        run("openssl", "req", "-x509", *curve, "-days", "2", "-subj", "/CN=demo", "-keyout", key, "-out", ca)
        for name in [c + kind for c in CLOUDS for kind in ("-1", "-p")]:
            base = self.path(name)
            run("openssl", "req", *curve, "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:" + name, "-keyout",
                base + ".key", "-out", base + ".csr")  # fmt: skip
            run("openssl", "x509", "-req", "-in", base + ".csr", "-CA", ca, "-CAkey", key, "-days", "2", "-copy_extensions",
                "copy", "-out", base + ".pem")  # fmt: skip

    def shared_configuration(self):
        """What is the same at all name servers and probers."""
        lines = ["sites:"]
        for cloud, (latitude, longitude) in PLACES.items():
            lines.append("  %s: { at: [%g, %g] }" % (cloud, latitude, longitude))
        lines += ["geo:", "  location: []", "  places:"]
        for name, (code, latitude, longitude) in COUNTRIES.items():
            where = (network_of(self.country[name]), latitude, longitude, code)
            lines.append('    - { prefix: %s, at: [%g, %g], country: "%s" }' % where)
        lines.append("vantages:")
        for cloud in CLOUDS:
            lines.append("  %s-1: { site: %s, address: '%s:%d' }" % (cloud, cloud, self.node[cloud], REPORTS))
            lines.append("  %s-p: { site: %s }" % (cloud, cloud))
        members = ", ".join("'%s:2379'" % address for address in self.node.values())
        lines.append("etcd: { endpoints: [%s] }" % members)
        lines.append("monitors: { web: { http: /, port: 80, interval: %dms, timeout: %dms, fall: %d, rise: 2 } }"
                     % (INTERVAL * 1000, TIMEOUT * 1000, FALL))  # fmt: skip
        lines.append("policies: { near: [nearest, take: 1] }")
        lines.append("defaults: { ttl: %ds, ttl_min: 1s, monitor: web, policy: near, slowstart: 10s, pace: { every: 5s, window: 10s }, grade: { errors: 10%% to 60%%, step: 1s } }" % TTL)
        lines.append("rate_limit: none")
        lines += ["zones:", "  %s:" % ZONE, "    ns: [%s]" % ", ".join("ns-%s.example.net." % c for c in CLOUDS)]
        lines.append("    services: { www: { endpoints: { %s } } }" % ", ".join("%s: %s" % x for x in self.vip.items()))
        lines.append("feeds:")
        for cloud, (_, balancer) in CLOUDS.items():
            if balancer == "haproxy":
                lines.append('  %s: { site: %s, haproxy: "unix:%s", of: www, interval: 500ms, hold: 5s }'
                             % (cloud, cloud, self.path(cloud, "haproxy.sock")))  # fmt: skip
        return "\n".join(lines) + "\n"

    def build(self):
        self.certificates()
        shared = self.shared_configuration()
        cluster = ",".join("%s=http://%s:2380" % pair for pair in self.node.items())
        for cloud, (_, balancer) in CLOUDS.items():
            folder = self.path(cloud)
            os.makedirs(folder)
            for i, web in enumerate(("web1", "web2")):
                path = self.write(self.path(cloud, web + ".conf"), WEB.format(folder=folder, name=web, port=8081 + i, site=cloud))
                self.launch(cloud + "/" + web, cloud, ["nginx", "-e", "stderr", "-c", path])
            template = HAPROXY if balancer == "haproxy" else NGINX
            path = self.write(self.path(cloud, balancer + ".conf"), template.format(folder=folder, vip=self.vip[cloud], name=cloud))
            command = ["haproxy", "-db", "-f", path] if balancer == "haproxy" else ["nginx", "-e", "stderr", "-c", path]
            self.launch(cloud + "/balancer", cloud, command)
            url = "http://%s:" % self.node[cloud]
            self.launch(cloud + "/etcd", cloud, ["etcd", "--name", cloud, "--data-dir", self.path(cloud, "etcd"), "--log-level",
                        "error", "--listen-client-urls", url + "2379", "--advertise-client-urls", url + "2379",
                        "--listen-peer-urls", url + "2380", "--initial-advertise-peer-urls", url + "2380",
                        "--initial-cluster", cluster])  # fmt: skip
        for cloud in CLOUDS:
            for kind, program in (("-1", "gslbd"), ("-p", "gslb-prober")):
                state, name = self.path(cloud, "state" + kind), cloud + kind
                os.makedirs(state)
                socket = self.path(cloud, "control.sock" if program == "gslbd" else "prober.sock")
                own = "listen: ['%s:53']\nthreads: 1\ncontrol: { socket: %s }\nstate: %s\n" % (self.node[cloud], socket, state)
                files = dict(name=name, certificate=self.path(name + ".pem"), key=self.path(name + ".key"), ca=self.path("ca.pem"))
                own += "vantage: { %s }\n" % ", ".join("%s: %s" % pair for pair in files.items())
                path = self.write(self.path(cloud, program + ".yaml"), own + shared)
                self.launch(cloud + "/" + program, cloud, [os.path.join(self.programs, program), "--config", path])
        stubs = "".join("  stub-addr: %s\n" % address for address in self.node.values())
        for country, address in self.country.items():
            folder = self.path(country)
            os.makedirs(folder)
            path = self.write(self.path(country, "unbound.conf"), UNBOUND.format(folder=folder, address=address, zone=ZONE, stubs=stubs))
            self.launch(country + "/unbound", country, ["unbound", "-d", "-c", path])

    def wait(self, condition, seconds, what):
        """-> seconds it took; ends the program if it takes longer"""
        begun = time.monotonic()
        while not condition():
            if time.monotonic() - begun > seconds:
                raise TimeoutError("after %d s still not: %s; logs are in %s" % (seconds, what, self.folder))
            time.sleep(0.05)
        return time.monotonic() - begun

    def ready(self):
        def all_up():
            for cloud in CLOUDS:
                status = self.ctl(cloud, "status", json_out=True)
                if not status.get("ready") or status["targets_up"] != len(CLOUDS) or len(status["nodes"]) != len(CLOUDS) - 1:
                    return False
            return True

        return self.wait(all_up, 60, "all name servers find all sites up and know each other")

    def close(self, keep_logs=False):
        for name, (_, _, process) in reversed(self.processes.items()):
            if process.poll() is None:
                process.kill()
                process.wait()
        for namespace in self.namespaces:
            subprocess.run(["ip", "netns", "del", namespace], check=False)
        if not keep_logs:
            shutil.rmtree(self.folder, ignore_errors=True)

"""Protocol test servers for what Debian has no package of: Consul, Nacos, Eureka, Kubernetes and Envoy answer as their
documentation says, faults included.

Every server takes `fault`: "hang" (the connection stands, nothing comes), "cut" (the answer ends in its middle), "garbage",
"huge" (more than anybody should read), or a status such as 500.
"""
import http.server
import json
import threading
import time
import urllib.parse


class Registry(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self):
        self.fault, self.asked, self.changed = None, 0, threading.Condition()
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.server_port

    def close(self):
        with self.changed:
            self.fault = None
            self.changed.notify_all()
        self.shutdown()
        self.server_close()

    def answer(self, method, path, query, headers, body):
        """-> (status, what is JSON, more headers)"""
        raise NotImplementedError


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        source = self.server
        source.asked += 1
        url = urllib.parse.urlsplit(self.path)
        query = {k: v[0] for k, v in urllib.parse.parse_qs(url.query, keep_blank_values=True).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if source.fault == "hang":
            with source.changed:
                source.changed.wait_for(lambda: source.fault != "hang", 60)
        status, said, more = source.answer(self.command, url.path, query, self.headers, body)
        text = said if isinstance(said, bytes) else json.dumps(said).encode()
        fault = source.fault
        if isinstance(fault, int):
            status, text = fault, b"No cluster leader"
        elif fault == "garbage":
            text = text[: len(text) // 2] + b"\xff{["
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(1 << 30 if fault == "huge" else len(text)))
        self.end_headers()
        try:
            if fault == "cut":
                self.wfile.write(text[: len(text) // 2])
                self.close_connection = True
            elif fault == "huge":
                for _ in range(64):
                    self.wfile.write(b" " * (1 << 20))
                self.close_connection = True
            else:
                self.wfile.write(text)
        except OSError:
            self.close_connection = True

    do_PUT = do_POST = do_DELETE = do_GET

    def log_message(self, *_):
        pass


class Consul(Registry):
    """/v1/health/service/NAME with blocking queries; registration and TTL checks of the agent."""

    def __init__(self, token=None):
        self.token, self.index, self.instances = token, 10, {}
        self.filtered, self.leader, self.registered, self.beats = False, True, {}, []
        super().__init__()

    def set(self, name, status="passing", **more):
        with self.changed:
            self.instances[name] = dict(status=status, **more)
            self.index += 1
            self.changed.notify_all()

    def restore(self):
        """From an old snapshot: the index goes back."""
        with self.changed:
            self.index = 3
            self.changed.notify_all()

    def entry(self, name):
        one = self.instances[name]
        checks = [dict(CheckID="service:" + name, Status=one["status"], ServiceID=name)]
        if one.get("maintenance"):
            checks.append(dict(CheckID="_service_maintenance:" + name, Status="critical", ServiceID=name))
        service = dict(ID=name, Service="www", Address="", Port=80, Weights=one.get("weights", dict(Passing=1, Warning=1)))
        return dict(Node=dict(Node=name, Address="192.0.2.1"), Service=service, Checks=checks)

    def answer(self, method, path, query, headers, body):
        if self.token and headers.get("X-Consul-Token") != self.token:
            return 403, b"ACL not found", {}
        if path.startswith("/v1/agent/"):
            return self.agent(method, path, body)
        if not path.startswith("/v1/health/service/"):
            return 404, b"", {}
        if not self.leader:
            return 500, b"No cluster leader", {}
        asked = int(query.get("index", 0))
        wait = min(float(query.get("wait", "300s").rstrip("s")), 600)
        with self.changed:
            if asked:  # a blocking query; what is asked from the future is answered at once
                self.changed.wait_for(lambda: self.index != asked or self.fault, wait)
            entries = [] if self.filtered else [self.entry(name) for name in self.instances]
            more = {"X-Consul-Index": str(self.index), "X-Consul-KnownLeader": "true", "X-Consul-LastContact": "0"}
        if self.filtered:
            more["X-Consul-Results-Filtered-By-ACLs"] = "true"
        return 200, entries, more

    def agent(self, method, path, body):
        if method != "PUT":
            return 405, b"", {}
        if path == "/v1/agent/service/register":
            service = json.loads(body)
            self.registered[service.get("ID") or service["Name"]] = service
            return 200, b"", {}
        if path.startswith("/v1/agent/service/deregister/"):
            known = self.registered.pop(path.rsplit("/", 1)[1], None)
            return (200, b"", {}) if known else (404, b"Unknown service ID", {})
        if path.startswith("/v1/agent/check/update/"):
            check = path.rsplit("/", 1)[1]
            if check.removeprefix("service:") not in self.registered:
                return 404, b"Unknown check ID", {}
            self.beats.append((time.monotonic(), json.loads(body)))
            return 200, b"", {}
        return 404, b"", {}


class Nacos(Registry):
    """Instances by API 1, 2 and 3."""

    def __init__(self, token=None):
        self.token, self.hosts, self.protects = token, {}, False
        super().__init__()

    def answer(self, method, path, query, headers, body):
        wrapped = not path.startswith("/nacos/v1/")
        if not path.endswith("/instance/list"):
            return 404, b"", {}
        if self.token and query.get("accessToken") != self.token:
            return (403, dict(code=10001, message="access denied"), {}) if wrapped else (403, b"user not found!", {})
        if query.get("serviceName") != "www":
            return (200, dict(code=20004, message="service not found", data=None), {}) if wrapped else (404, b"", {})
        hosts = [dict(ip=ip, port=80, weight=1.0, healthy=True, enabled=True, ephemeral=True, **{}) | more
                 for ip, more in self.hosts.items()]  # fmt: skip
        data = dict(name="DEFAULT_GROUP@@www", groupName="DEFAULT_GROUP", cacheMillis=10000, hosts=hosts,
                    reachProtectionThreshold=self.protects)  # fmt: skip
        if path.startswith("/nacos/v3/"):
            return 200, dict(code=0, message="success", data=hosts), {}
        return 200, dict(code=0, message="success", data=data) if wrapped else data, {}


class Eureka(Registry):
    """/eureka/apps/APP; in self-preservation, the dead stay listed as UP with an old renewal."""

    def __init__(self):
        self.instances = {}
        super().__init__()

    def answer(self, method, path, query, headers, body):
        if headers.get("Accept") != "application/json":
            return 200, b"<applications/>", {}
        if path != "/eureka/apps/www" or not self.instances:
            return 404, b"", {}
        now = time.time() * 1000
        instances = []
        for address, one in self.instances.items():
            lease = dict(renewalIntervalInSecs=30, durationInSecs=90, lastRenewalTimestamp=int(now - 1000 * one.get("silent", 0)))
            instances.append({"instanceId": address, "app": "WWW", "ipAddr": address, "status": one.get("status", "UP"),
                              "port": {"$": 80, "@enabled": "true"}, "leaseInfo": lease})  # fmt: skip
        # A single instance stands there by itself.
        return 200, dict(application=dict(name="WWW", instance=instances if len(instances) > 1 else instances[0])), {}


class Kubernetes(Registry):
    """EndpointSlices; tokens are rotated; a list can be too old (410)."""

    def __init__(self, token):
        self.token, self.pods, self.gone = token, {}, False
        super().__init__()

    def answer(self, method, path, query, headers, body):
        if headers.get("Authorization") != "Bearer " + self.token:
            return 401, dict(kind="Status", code=401, reason="Unauthorized"), {}
        if path != "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices":
            return 403, dict(kind="Status", code=403, reason="Forbidden"), {}
        if query.get("labelSelector") != "kubernetes.io/service-name=www":
            return 200, dict(kind="EndpointSliceList", items=[]), {}
        if self.gone:
            return 410, dict(kind="Status", code=410, reason="Expired"), {}
        endpoints = [dict(addresses=["10.0.0.%d" % (i + 1)], conditions=conditions, targetRef=dict(kind="Pod", name=name))
                     for i, (name, conditions) in enumerate(self.pods.items())]  # fmt: skip
        half = (len(endpoints) + 1) // 2
        slices = [dict(addressType="IPv4", endpoints=part) for part in (endpoints[:half], endpoints[half:])]
        # The same pods by their other addresses.
        slices.append(dict(addressType="IPv6", endpoints=[dict(e, addresses=["2001:db8::1"]) for e in endpoints]))
        return 200, dict(kind="EndpointSliceList", items=slices), {}


class Envoy(Registry):
    """/clusters?format=json; what has its default value is left out."""

    def __init__(self):
        self.hosts = {}
        super().__init__()

    def answer(self, method, path, query, headers, body):
        if path != "/clusters" or query.get("format") != "json":
            return 404, b"", {}
        hosts = [dict(address=dict(socket_address=dict(address=address, port_value=80)), weight=1,
                      health_status=dict(dict(eds_health_status="HEALTHY"), **flags),
                      stats=[dict(name="rq_total", value="10"), dict(name="rq_error"), dict(name="rq_active", type="GAUGE")])
                 for address, flags in self.hosts.items()]  # fmt: skip
        return 200, dict(cluster_statuses=[dict(name="other"), dict(name="www", host_statuses=hosts)]), {}

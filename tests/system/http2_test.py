"""Monitors that speak HTTP/2 and gRPC: with real nginx and a real gRPC server, and with servers that do it wrong."""
import concurrent.futures
import contextlib
import os
import socket
import ssl
import threading

import grpc

from fleet import openssl
from lab import Lab, Process, free_port, program, unittest

NGINX = """
daemon off; pid {folder}/h2.pid; error_log stderr warn;
events {{ worker_connections 100; }}
http {{
  access_log off;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
  server {{
    listen 127.0.0.1:{plain} http2; listen 127.0.0.1:{secure} ssl http2; listen 127.0.0.1:{old} ssl;
    location /healthz {{ return 200 "all well over $server_protocol"; }}
    location /big {{ root {folder}; }}
    location / {{ return 503; }}
  }}
}}
"""
NOT_FOUND = grpc.StatusCode.NOT_FOUND


class Health(grpc.GenericRpcHandler):
    """grpc.health.v1.Health, by hand: Debian has no package of it. Messages are octets."""

    def __init__(self):
        self.services = {b"": 1}  # name: ServingStatus

    def service(self, details):
        if details.method == "/grpc.health.v1.Health/Check":
            return grpc.unary_unary_rpc_method_handler(self.check)
        return None

    def check(self, request, context):
        name = request[2:] if request else b""
        if name not in self.services:
            context.abort(NOT_FOUND, "unknown service")
        return bytes([8, self.services[name]])


class Http2(Lab):
    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o755)  # nginx's workers are somebody else
        self.ports = {name: free_port() for name in ("plain", "secure", "old", "grpc", "grpcs", "mute", "http1", "none")}
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=www.example.org", "-addext", "subjectAltName=DNS:www.example.org",
                "-keyout", self.path("key.pem"), "-out", self.path("cert.pem"))
        config = self.write("h2.conf", NGINX.format(folder=self.folder, **self.ports))
        self.run_process(Process(self.folder, "nginx", [program("nginx"), "-e", "stderr", "-c", config]))
        self.write("big", "x" * 200000 + "end")
        self.health = Health()
        server = self.grpc("127.0.0.1", self.health)
        with open(self.path("key.pem"), "rb") as key, open(self.path("cert.pem"), "rb") as cert:
            credentials = grpc.ssl_server_credentials([(key.read(), cert.read())])
        server.add_secure_port("127.0.0.1:%d" % self.ports["grpcs"], credentials)
        server.start()
        self.listen(self.ports["mute"], None)
        self.listen(self.ports["http1"], b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.path("cert.pem"), self.path("key.pem"))
        self.listen(self.ports["none"], b"HTTP/1.1 200 OK\r\n\r\n", context)

    def grpc(self, address, health):
        server = grpc.server(concurrent.futures.ThreadPoolExecutor(2), handlers=(health,))
        self.addCleanup(server.stop, None)
        server.add_insecure_port("%s:%d" % (address, self.ports["grpc"]))
        return server

    def listen(self, port, says, context=None):
        """A server that answers everything with the same octets, or with nothing."""
        server = socket.create_server(("127.0.0.1", port))
        self.addCleanup(server.close)

        def answer(connection):
            connection.settimeout(2)
            with context.wrap_socket(connection, server_side=True) if context else connection as stream:
                stream.recv(4096)
                if says:
                    stream.sendall(says)
                stream.recv(4096)

        def serve():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with contextlib.suppress(OSError):
                    answer(connection)

        threading.Thread(target=serve, daemon=True).start()

    def probe(self, monitors):
        """-> {name: what one probe with that monitor says}"""
        tls = "host: www.example.org, ca: %s" % self.path("cert.pem")
        services = "".join(
            "      %s: { monitor: { %s, timeout: 1s }, endpoints: { fra: 127.0.0.1 } }\n"
            % (name, text.format(tls=tls, **self.ports))
            for name, text in monitors.items()
        )
        self.server = self.gslbd(self.config(zones="    services:\n" + services, policy="[all]"), wait=False)
        self.wait_for(lambda: self.server.ctl("status").returncode == 0, 20, "gslbd is there")
        out = {}
        for name in monitors:
            done = self.server.ctl("probe", name)
            out[name] = done.stdout.splitlines()[-1] if done.stdout else done.stderr
        return out

    def test_http2_is_spoken_in_the_clear_and_over_tls(self):
        seen = self.probe({
            "clear": "http: /healthz, port: {plain}, version: 2, body: over HTTP/2.0",
            "tls": "https: /healthz, port: {secure}, version: 2, body: over HTTP/2.0, {tls}",
            "head": "http: /healthz, port: {plain}, version: 2, method: HEAD",
            "sick": "http: /, port: {plain}, version: 2",
            "limited": "http: /big, port: {plain}, version: 2, body: end, body_limit: 1000",
            "long": "http: /big, port: {plain}, version: 2, body: end, body_limit: 300000",
        })
        self.assertIn("http 200", seen["clear"])
        self.assertIn("http 200", seen["tls"])
        self.assertIn("http 200", seen["head"])
        self.assertIn("http 503", seen["sick"])
        self.assertIn("does not hold", seen["limited"])
        self.assertIn("http 200", seen["long"])

    def test_a_server_that_does_not_speak_it_fails_in_words(self):
        seen = self.probe({
            "old": "https: /healthz, port: {old}, version: 2, {tls}",
            "none": "https: /healthz, port: {none}, version: 2, {tls}",
            "mute": "http: /healthz, port: {mute}, version: 2",
            "http1": "http: /healthz, port: {http1}, version: 2",
            "closed": "http: /healthz, port: 1, version: 2",
            "nogrpc": "grpc: '', port: {plain}",
        })
        self.assertIn("no application protocol", seen["old"])
        self.assertIn("the server does not offer HTTP/2", seen["none"])
        self.assertIn("timeout", seen["mute"])
        self.assertIn("no HTTP/2", seen["http1"])
        self.assertIn("connection refused", seen["closed"])
        self.assertIn("http 503", seen["nogrpc"])

    def test_grpc_health_is_asked_of_the_server_and_of_a_service(self):
        self.health.services.update({b"example.v1.Shop": 1, b"example.v1.Cart": 2, b"example.v1.Odd": 77})
        seen = self.probe({
            "whole": "grpc: '', port: {grpc}",
            "shop": "grpc: example.v1.Shop, port: {grpc}",
            "cart": "grpc: example.v1.Cart, port: {grpc}",
            "odd": "grpc: example.v1.Odd, port: {grpc}",
            "none": "grpc: example.v1.None, port: {grpc}",
            "tls": "grpcs: example.v1.Shop, port: {grpcs}, {tls}",
            "untrusted": "grpcs: example.v1.Shop, port: {grpcs}, host: www.example.org",
        })
        for name in ("whole", "shop", "tls"):
            self.assertIn("grpc serving", seen[name], name)
        self.assertIn("grpc not serving", seen["cart"])
        self.assertIn("grpc unknown", seen["odd"])
        self.assertIn("grpc not found: unknown service", seen["none"])
        self.assertIn("certificate", seen["untrusted"])

    def test_answers_follow_what_grpc_says(self):
        monitor = "{ grpc: '', port: %d, interval: 100ms, fall: 2, rise: 2 }" % self.ports["grpc"]
        self.grpc("127.0.0.2", Health()).start()
        services = "    services: { www: { monitor: %s, endpoints: { fra: 127.0.0.1, iad: 127.0.0.2 } } }" % monitor
        self.server = self.gslbd(self.config(zones=services, policy="[priority: [fra, iad], take: 1]"))
        self.wait_answer("127.0.0.1", 10)
        self.health.services[b""] = 2
        self.wait_answer("127.0.0.2", 10)
        self.health.services[b""] = 1
        self.wait_answer("127.0.0.1", 10)


if __name__ == "__main__":
    unittest.main()

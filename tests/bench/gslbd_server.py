"""gslbd among the servers that are compared, as each job wants it."""
import os
import shlex
import subprocess

from jobs import Peer

HERE = os.path.dirname(os.path.abspath(__file__))
DEFAULT_CMD = shlex.join([os.path.join(HERE, "..", "..", "build", "release", "bin", "gslbd"), "--config", "{config}"])
DEFAULT_CMD += " --listen {address}:{port} --threads 1"
DEFAULT_PREPARE = shlex.quote(os.path.join(HERE, "config.py")) + " {job} {workload} '{zone}' {dir} {port} > {config}"
DEFAULT_CONFIG = "{dir}/gslbd.yaml"


class Gslbd(Peer):
    """The server that this project is. GSLBD_CMD is a command line with {port}, {address}, {dir}, {workload}, {zone},
    {geodb}, {job} and {config} in it; {config} is GSLBD_CONFIG, which may hold the same marks. GSLBD_PREPARE is run first
    with the same marks, to write a configuration from {job}, a JSON file. By default: build/release and config.py."""

    name, workloads, var = "gslbd", ("static", "gslb", "chain", "tcp", "dot", "signed", "signed-gslb"), "gslbd_cmd"

    def __init__(self, job):
        super().__init__(job)
        self.config, self.prepare = job.get("gslbd_config") or DEFAULT_CONFIG, os.environ.get("GSLBD_PREPARE")
        if not job.get(self.var) and self.var == "gslbd_cmd":
            job = dict(job, gslbd_cmd=DEFAULT_CMD)
            self.prepare = self.prepare or DEFAULT_PREPARE
        if os.path.exists(self.config):
            self.config = os.path.abspath(self.config)
        words = shlex.split(job.get(self.var) or "")
        if words and "/" in words[0]:
            words[0] = os.path.abspath(words[0])  # it runs in its own directory
        self.cmd, self.program = shlex.join(words), words[0] if words else ""
        self.version_args = ["--version"]

    def available(self):
        return bool(self.cmd) and os.path.exists(self.program)

    def file_for(self, workload, zone):
        return zone

    def fill(self, text, d, port, workload, zone):
        marks = dict(port=port, dir=d, workload=workload, zone=zone, geodb=self.job["geodb"], job=self.job["json"])
        marks.update(address=self.addr, iface=self.iface)
        for mark, value in marks.items():
            text = text.replace("{%s}" % mark, str(value))
        return text

    def start(self, d, port, workload, zone):
        os.makedirs(d, exist_ok=True)
        where = (d, port, workload, zone)
        config = self.fill(self.config, *where)
        if self.prepare:
            command = self.fill(self.prepare, *where).replace("{config}", config)
            subprocess.run(command, shell=True, check=True, timeout=60)
        return shlex.split(self.fill(self.cmd, *where).replace("{config}", config))

    def reload_cmd(self, d, port):
        command = os.environ.get("GSLBD_RELOAD")
        return shlex.split(self.fill(command, d, port, "static", "")) if command else None


class GslbdXdp(Gslbd):
    """The same over AF_XDP, in the veth stage: GSLBD_XDP_CMD, with {iface}."""

    name, workloads, var = "gslbd-xdp", ("veth",), "gslbd_xdp_cmd"


class GslbdUnsigned(Gslbd):
    """What the signed jobs are measured against: the same questions, also with DO, to the same zone unsigned."""

    name, workloads = "gslbd-unsigned", ("signed", "signed-gslb")

    def start(self, d, port, workload, zone):
        return super().start(d, port, "gslb" if workload == "signed-gslb" else "static", zone)


class GslbdBytes(GslbdUnsigned):
    """Unsigned answers of the length of signed ones: what the octets alone cost."""

    name, workloads = "gslbd-bytes", ("signed",)

    def file_for(self, workload, zone):
        return zone + ".bytes"


class GslbdShort(Gslbd):
    """What the chain of five filters is measured against: the job `gslb`, with the same questions and answers."""

    name, workloads = "gslbd-short", ("chain",)

    def start(self, d, port, workload, zone):
        return super().start(d, port, "gslb", zone)


class GslbdVeth(Gslbd):
    name, workloads = "gslbd", ("veth",)

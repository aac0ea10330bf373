"""Runs docker-compose.yml without a Docker engine, and says for each step what it saw. Started by deploy/check, in namespaces of its own."""

import json
import os
import re
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from socket import create_connection
from threading import Event, Thread
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from compose_file import ComposeFile, seconds
from container import Container, run

REPOSITORY = Path(__file__).resolve().parents[2]
RECOVERY_BOUND = 60


@dataclass
class Host:
    work: Path
    hosts: Path
    # What is where in the images: of each Dockerfile, a folder inside and the folder here that stands for it.
    contents: dict


def step(text):
    print(f"ok    {text}", flush=True)


def expect(holds, text):
    if not holds:
        raise AssertionError(text)


class Cluster:
    def __init__(self, work, app):
        self.file = ComposeFile(REPOSITORY / "deploy/compose/docker-compose.yml", work / "volumes")
        for folder in ("volumes", "roots", "logs"):
            (work / folder).mkdir()
        contents = {
            "deploy/docker/Dockerfile": {"/app": app},
            "deploy/docker/azurite.Dockerfile": {"/azurite": REPOSITORY / "tests/Storage/node"},
        }
        self.host = Host(work, work / "hosts", contents)
        addresses = ip_network(self.file.subnet)
        free = iter(addresses[n] for n in range(100, 200))
        self.containers = {name: Container(service, service.address or str(next(free)), self.host) for name, service in self.file.services.items()}
        lines = ["127.0.0.1 localhost", *(f"{each.address} {name}" for name, each in self.containers.items())]
        self.host.hosts.write_text("\n".join(lines) + "\n")
        run(["ip", "link", "set", "lo", "up"])
        run(["ip", "link", "add", "cluster", "type", "bridge"])
        run(["ip", "address", "add", f"{addresses[1]}/24", "dev", "cluster"])
        run(["ip", "link", "set", "cluster", "up"])

    def __getitem__(self, name):
        return self.containers[name]

    def named(self, kind):
        return [each for name, each in self.containers.items() if re.fullmatch(rf"{kind}-\d", name)]

    def long_running(self):
        return [each for each in self.containers.values() if each.service.health]

    def up(self):
        """Starts what the file starts, in the order of what each needs."""
        waiting = [each for each in self.containers.values() if "profiles" not in each.service.declared]
        while waiting:
            ready = [each for each in waiting if all(self.holds(name, needed["condition"]) for name, needed in each.service.needs.items())]
            expect(ready, f"what {[each.service.name for each in waiting]} need does not come")
            for each in ready:
                each.start()
                waiting.remove(each)

    def holds(self, name, condition):
        container = self[name]
        if container.process is None:
            return False
        if condition == "service_completed_successfully":
            code = container.wait(60)
            expect(code == 0, f"{name} ended with {code}: {container.tail()}")
        else:
            self.wait_healthy([container])
        return True

    def wait_healthy(self, containers):
        for container in containers:
            health = container.service.health
            bound = time.monotonic() + seconds(health.get("start_period", "0s")) + seconds(health["interval"]) * health["retries"]
            while not container.is_healthy():
                expect(container.is_running(), f"{container.service.name} ended with {container.process.poll()}: {container.tail()}")
                expect(time.monotonic() < bound, f"{container.service.name} is not healthy in the time of its health check: {container.tail()}")
                time.sleep(0.5)

    def cli(self, *arguments, key):
        """docker compose run --rm cli …"""
        os.environ["SLUICE_ADMIN_KEY"] = key
        again = ComposeFile(self.file.path, self.host.work / "volumes").services["cli"]
        again.command = again.image.entrypoint + list(arguments)
        container = Container(again, self["cli"].address, self.host)
        container.log.unlink(missing_ok=True)
        code = container.start().wait(60)
        return code, container.text()

    def end(self):
        for each in self.containers.values():
            each.kill()


def get(url, key=None, body=None):
    request = Request(url, data=body and json.dumps(body).encode(), headers={"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {}))
    try:
        with urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        return refused.code, refused.read().decode()
    except OSError as failed:
        return 0, str(failed)


def serves(edge, key):
    """What is wrong with an edge's answers, one request to the upstream and one to the sandbox model; empty where nothing is."""
    status, text = get(f"http://{edge.address}:8080/hello/world")
    if (status, text) != (200, "hello from the upstream: GET /hello/world\n"):
        return f"{edge.service.name}, upstream: {status} {text[:200]}"
    status, text = get(f"http://{edge.address}:8080/v1/chat/completions", key, {"model": "sandbox", "messages": [{"role": "user", "content": "Hello"}]})
    return "" if status == 200 and json.loads(text)["choices"] else f"{edge.service.name}, sandbox: {status} {text[:200]}"


class Load:
    """Requests through all edges, one after another, until it is ended."""

    def __init__(self, edges, key):
        self.sent, self.faults, self.ended = 0, [], Event()
        self.thread = Thread(target=self.send, args=(edges, key), daemon=True)
        self.thread.start()

    def send(self, edges, key):
        while not self.ended.is_set():
            for edge in edges:
                self.sent += 1
                if fault := serves(edge, key):
                    self.faults.append(fault)

    def end(self):
        self.ended.set()
        self.thread.join(60)
        expect(not self.faults, f"{len(self.faults)} of {self.sent} rounds failed, such as: {self.faults[:3]}")
        return self.sent


def handshake(address, port, authority, certificate=None, name=None):
    """Why a TLS connection is refused; empty where it is taken. Over TLS 1.3 a refused client hears of it when it reads."""
    context = ssl.create_default_context(cafile=authority)
    context.check_hostname = name is not None
    if certificate:
        context.load_cert_chain(certificate / "tls.crt", certificate / "tls.key")
    try:
        with create_connection((address, port), timeout=10) as plain, context.wrap_socket(plain, server_hostname=name or "sluice") as tls:
            if name is None:
                tls.settimeout(2)
                return "" if tls.recv(1) else "closed"
            return ""
    except TimeoutError:
        return ""
    except (ssl.SSLError, OSError) as refused:
        return str(refused)


def check_boundary(cluster):
    pki, silo = cluster.host.work / "volumes/pki", cluster["silo-1"]
    authority = pki / "ca.crt"
    expect(not handshake(silo.address, 7070, authority, name="silo-1"), "the admin API has no certificate of the cluster's CA for its name")
    expect(handshake(silo.address, 30000, authority), "a gateway took a connection without a certificate")
    expect(not handshake(silo.address, 30000, authority, pki / "edge-1"), "a gateway refused an edge")
    expect(handshake(silo.address, 11111, authority, pki / "edge-1"), "a silo port took an edge")
    expect(not handshake(silo.address, 11111, authority, pki / "silo-2"), "a silo port refused a silo")


def check_rights(cluster):
    for each in cluster.long_running():
        rights, user = each.rights(), each.service.user.split(":")[0]
        expect(rights["Uid"].split("\t") == [user] * 4, f"{each.service.name} runs as {rights['Uid']}")
        expect({rights[name] for name in ("CapPrm", "CapEff", "CapBnd", "CapInh", "CapAmb")} == {"0" * 16}, f"{each.service.name} has capabilities")
        expect(rights["NoNewPrivs"] == "1", f"{each.service.name} may gain privileges")
        expect(each.execute(["touch", f"{each.service.image.folder}/written"], 10).returncode != 0, f"{each.service.name} may write to its root")


def find_key(silos, kind):
    found = [key for silo in silos for key in re.findall(rf"{kind} key +(\S+)", silo.text())]
    expect(len(found) == 1, f"the silos printed {len(found)} {kind} keys, not one")
    return found[0]


def until(what, holds, bound=RECOVERY_BOUND):
    started = time.monotonic()
    while not holds():
        expect(time.monotonic() - started < bound, f"not in {bound} s: {what}")
        time.sleep(0.25)
    return time.monotonic() - started


def check(cluster):
    faults = list(cluster.file.faults())
    expect(not faults, "\n      ".join(faults))
    step("the file: no service is root, writes to its root, has capabilities or gains any; admin ports on loopback, ports of the cluster nowhere")

    cluster.up()
    cluster.wait_healthy(cluster.long_running())
    step(f"healthy by the health checks of the file: {', '.join(each.service.name for each in cluster.long_running())}")
    check_rights(cluster)
    step("each runs as the file's user, without capabilities, and cannot write to its root")
    check_boundary(cluster)
    step("gateways take edges and silos, silo ports silos only, the admin API speaks TLS under the cluster's CA")

    silos, edges = cluster.named("silo"), cluster.named("edge")
    admin, tenant = find_key(silos, "admin"), find_key(silos, "tenant")
    code, text = cluster.cli("apply", "-f", "/bundles/sample.yaml", key=admin)
    expect(code == 0, f"apply ended with {code}: {text[-500:]}")
    step(f"apply, over TLS: {text.strip().splitlines()[0]}")
    for edge in edges:
        until(f"{edge.service.name} serves", lambda edge=edge: not serves(edge, tenant))
    step(f"{len(edges)} edges serve the upstream and the sandbox model")

    load = Load(edges, tenant)
    killed, *_ = reversed(silos)
    killed.kill()
    took = until("a tenant is made after a silo was killed", lambda: cluster.cli("tenants", "create", "after-kill", key=admin)[0] == 0)
    step(f"kill -9 {killed.service.name}: a change is made {took:.1f} s later")
    killed.start()
    cluster.wait_healthy([killed])
    sent = load.end()
    step(f"{killed.service.name} is back and healthy; {sent} rounds of requests meanwhile, none failed")

    before = (cluster.host.work / "volumes/pki/silo-1/tls.crt").read_text()
    expect(cluster["certificates"].start().wait(60) == 0, f"a second start makes no certificates: {cluster['certificates'].tail()}")
    expect((cluster.host.work / "volumes/pki/silo-1/tls.crt").read_text() == before, "a second start replaced a good certificate")
    step("a second start keeps CA and certificates")

    for each in [*edges, *silos]:
        code, took = each.stop()
        expect(code == 0, f"{each.service.name} ended with {code} at SIGTERM: {each.tail()}")
        step(f"SIGTERM {each.service.name}: ended with 0 in {took:.1f} s, of {each.service.grace} s")
    for name in ("upstream", "azurite"):
        code, took = cluster[name].stop()
        expect(code == 0, f"{name} ended with {code} at SIGTERM: {cluster[name].tail()}")
    step("SIGTERM upstream, azurite: ended with 0")


def main():
    cluster = Cluster(Path(sys.argv[1]), Path(sys.argv[2]))
    try:
        check(cluster)
    except (AssertionError, OSError, RuntimeError, subprocess.SubprocessError) as failed:
        print(f"FAIL  {failed}", flush=True)
        sys.exit(1)
    finally:
        cluster.end()


if __name__ == "__main__":
    main()

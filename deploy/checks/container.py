"""A service of the compose file as a process under the constraints of its container: namespaces for network and mounts, a read-only root, its user, no capabilities."""

import os
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

SYSTEM = ("usr", "bin", "sbin", "lib", "lib64", "etc")


class Container:
    def __init__(self, service, address, host):
        """host: what all share, see run.py."""
        self.service, self.address, self.host = service, address, host
        self.root = host.work / "roots" / service.name
        self.log = host.work / "logs" / f"{service.name}.log"
        self.process = None

    def start(self):
        service = self.service
        for mount in service.mounts:
            if mount.is_volume and not mount.source.exists():
                mount.source.mkdir(parents=True)
                owner = service.user if mount.target in service.image.owned else "0:0"
                os.chown(mount.source, *map(int, owner.split(":")))
            elif not mount.source.exists():
                raise FileNotFoundError(f"{service.name} mounts {mount.source}, which is not there")
        self.root.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            # It waits, when its root is built, until its network is there.
            program = shlex.join(["chroot", str(self.root), *self.inside(service.command)])
            script = "\n".join(["set -e", *self.build_root(), "echo built >&3", "exec 3>&-", "read -r go", "exec </dev/null", f"exec {program}"])
            built, told = os.pipe()
            self.process = subprocess.Popen(
                ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c", f"exec 3>&{told}\n{script}"],
                stdin=subprocess.PIPE, stdout=log, stderr=log, pass_fds=[told])
            os.close(told)
        with os.fdopen(built) as pipe:
            if pipe.readline() != "built\n":
                raise RuntimeError(f"the root of {service.name} cannot be built: {self.tail()}")
        self.connect()
        self.process.stdin.write(b"\n")
        self.process.stdin.close()
        return self

    def build_root(self):
        root, dotnet = self.root, Path(shutil.which("dotnet")).resolve().parent
        yield f"mount -t tmpfs -o mode=755 sluice-check {root}"
        yield f"mkdir -p {root}/proc {root}/dev {root}/tmp"
        for name in SYSTEM:
            if os.path.islink(f"/{name}"):
                yield f"ln -s {os.readlink(f'/{name}')} {root}/{name}"
            elif os.path.isdir(f"/{name}"):
                yield from self.bind(f"/{name}", f"/{name}")
        yield from self.bind(dotnet, "/opt/dotnet")
        node = Path(shutil.which("node")).resolve()
        if not node.is_relative_to("/usr"):
            yield from self.bind(node.parent.parent, "/opt/node")
        yield f"mount --rbind /proc {root}/proc"
        yield f"mount --rbind /dev {root}/dev"
        yield f"mount --bind {self.host.hosts} {root}/etc/hosts"
        for inside, outside in self.host.contents.get(self.service.dockerfile, {}).items():
            yield from self.bind(outside, inside)
        for tmpfs in self.service.declared.get("tmpfs", []):
            target, _, options = tmpfs.partition(":")
            yield f"mount -t tmpfs -o {options} sluice-check {root}{target}"
        for mount in self.service.mounts:
            yield from self.bind(mount.source, mount.target, mount.read_only)
        if self.service.declared.get("read_only"):
            yield f"mount -o remount,ro {root}"

    def bind(self, source, target, read_only=True):
        inside = f"{self.root}{target}"
        yield f"mkdir -p {inside}" if os.path.isdir(source) or not os.path.exists(source) else f"mkdir -p {os.path.dirname(inside)} && touch {inside}"
        yield f"mount --bind {source} {inside}"
        if read_only:
            yield f"mount -o remount,ro,bind {inside}"

    def inside(self, command):
        user, group = self.service.user.split(":")
        environment = {"PATH": "/opt/dotnet:/opt/node/bin:/usr/bin:/bin", "DOTNET_ROOT": "/opt/dotnet", "HOME": "/"} | self.service.environment
        return [
            "setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--pdeathsig=KILL",
            "env", "-i", f"--chdir={self.service.image.folder}",
            *[f"{key}={value}" for key, value in environment.items()], *map(str, command),
        ]

    def connect(self):
        pid = str(self.process.pid)
        inside = ["nsenter", "--target", pid, "--net"]
        run([*inside, "ip", "link", "set", "lo", "up"])
        if self.service.is_alone:
            return
        outer = f"v{pid}"
        run(["ip", "link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", pid])
        run(["ip", "link", "set", outer, "master", "cluster", "up"])
        run([*inside, "ip", "address", "add", f"{self.address}/24", "dev", "eth0"])
        run([*inside, "ip", "link", "set", "eth0", "up"])

    def execute(self, command, bound):
        """Runs a command where the service runs, as its health check does."""
        return subprocess.run(
            ["nsenter", "--target", str(self.process.pid), "--net", "--mount", "--root", *self.inside(command)],
            capture_output=True, text=True, timeout=bound, check=False, stdin=subprocess.DEVNULL)

    def is_healthy(self):
        _, *command = self.service.health["test"]
        try:
            return self.execute(command, 30).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def wait(self, bound):
        """Waits for its own end, and answers its exit code."""
        return self.process.wait(bound)

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """Asks it to end, and answers its exit code and how long it took."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(self.service.grace), time.monotonic() - started

    def kill(self):
        if self.is_running():
            self.process.kill()
            self.process.wait(10)

    def rights(self):
        """What the kernel says that it may do."""
        return dict(line.split(":\t", 1) for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines() if ":\t" in line)

    def text(self):
        return self.log.read_text(errors="replace")

    def tail(self):
        return "\n".join(line[:300] for line in self.text().splitlines()[-15:])


def run(command):
    subprocess.run(command, check=True, timeout=30)

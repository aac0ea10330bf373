"""docker-compose.yml and the Dockerfiles that it names, as far as they are used here."""

import json
import os
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

import yaml

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\}")


def seconds(text):
    """A duration such as 1m30s."""
    parts = re.findall(r"(\d+)(ms|s|m|h)", text)
    if "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"not a duration: {text}")
    return sum(int(number) * UNITS[unit] for number, unit in parts)


@dataclass
class Image:
    """The last stage of a Dockerfile."""

    entrypoint: list = field(default_factory=list)
    environment: dict = field(default_factory=dict)
    user: str = "0:0"
    folder: str = "/"
    owned: set = field(default_factory=set)

    @staticmethod
    def read(path):
        image = Image()
        lines = Path(path).read_text().replace("\\\n", " ").splitlines()
        for line in lines:
            word, _, rest = line.strip().partition(" ")
            match word:
                case "FROM":
                    image = Image()
                case "ENTRYPOINT":
                    image.entrypoint = json.loads(rest)
                case "ENV":
                    image.environment |= dict(pair.split("=", 1) for pair in shlex.split(rest))
                case "USER":
                    image.user = rest
                case "WORKDIR":
                    image.folder = rest
                case "COPY" | "RUN" if "chown" in rest:
                    image.owned |= {rest.split()[-1]}
        return image


@dataclass
class Mount:
    source: Path
    target: str
    read_only: bool
    # Docker gives a new volume to the owner of the image's folder that it is mounted over.
    is_volume: bool


class Service:
    def __init__(self, name, declared, folder, volumes):
        self.name = name
        self.declared = declared
        build = declared.get("build")
        self.dockerfile = build and build["dockerfile"]
        self.image = Image.read(folder / build["context"] / self.dockerfile) if build else Image()
        self.user = declared.get("user", self.image.user)
        self.command = self.image.entrypoint + [str(part) for part in declared.get("command", [])]
        self.environment = self.image.environment | {key: self.fill(value) for key, value in declared.get("environment", {}).items()}
        self.mounts = [self.mount(each, folder, volumes) for each in declared.get("volumes", [])]
        self.health = declared.get("healthcheck")
        self.needs = declared.get("depends_on", {})
        self.grace = seconds(declared.get("stop_grace_period", "10s"))
        networks = declared.get("networks", {})
        self.is_alone = declared.get("network_mode") == "none"
        self.address = networks.get("cluster", {}).get("ipv4_address") if isinstance(networks, dict) else None

    @staticmethod
    def fill(value):
        return VARIABLE.sub(lambda found: os.environ.get(found["name"]) or found["default"] or "", str(value))

    @staticmethod
    def mount(declared, folder, volumes):
        if isinstance(declared, str):
            source, target, *mode = declared.split(":")
            is_volume = not source.startswith(".")
            return Mount(volumes / source if is_volume else (folder / source).resolve(), target, mode == ["ro"], is_volume)
        subpath = declared.get("volume", {}).get("subpath", "")
        return Mount(volumes / declared["source"] / subpath, declared["target"], declared.get("read_only", False), not subpath)


class ComposeFile:
    def __init__(self, path, volumes):
        self.path = Path(path)
        self.declared = yaml.safe_load(self.path.read_text())
        self.services = {name: Service(name, each, self.path.parent, volumes) for name, each in self.declared["services"].items()}
        self.subnet = self.declared["networks"]["cluster"]["ipam"]["config"][0]["subnet"]

    def faults(self):
        """What a service may do that none has to: empty where all is right."""
        for name, service in self.services.items():
            declared = service.declared
            rules = {
                "a user that is not root": service.user.split(":")[0] not in ("", "0", "root"),
                "a read-only root": declared.get("read_only") is True,
                "no capabilities": declared.get("cap_drop") == ["ALL"] and "cap_add" not in declared,
                "no new privileges": "no-new-privileges:true" in declared.get("security_opt", []),
                "a restart policy": "restart" in declared,
                "a health check": service.health is not None or declared.get("restart") == "no",
                "no privileges": not declared.get("privileged"),
                "no protection turned off": not any("INSECURE" in key for key in service.environment),
                "mutual TLS": not re.match(r"(silo|edge)-\d", name) or {"SLUICE__TLS__CA", "SLUICE__TLS__CERTIFICATE", "SLUICE__TLS__KEY"} <= service.environment.keys(),
                "a time to drain": not re.match(r"(silo|edge)-\d", name) or service.grace > (65 if name.startswith("edge") else 30),
            }
            yield from (f"{name} has not: {rule}" for rule, holds in rules.items() if not holds)
            for port in declared.get("ports", []):
                if not port.endswith(":8080") and not port.startswith("127.0.0.1:"):
                    yield f"{name} publishes {port} beyond loopback"
                if port.rsplit(":", 1)[1] in ("11111", "30000"):
                    yield f"{name} publishes a port of the cluster: {port}"

"""Asks the clients that are on this machine what they think of the files: docker compose, kubectl. Says which are not there."""

import shutil
import subprocess
import sys
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
COMPOSE = REPOSITORY / "deploy/compose/docker-compose.yml"


def run(*command):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, check=False)


def verdict(what, done):
    if done.returncode:
        print(f"FAIL  {what}: {(done.stdout + done.stderr).strip()[:1000]}", flush=True)
        sys.exit(1)
    print(f"ok    {what}", flush=True)


def check_compose(work):
    if shutil.which("docker") and run("docker", "compose", "version").returncode == 0:
        verdict("docker compose config", run("docker", "compose", "-f", COMPOSE, "config", "--quiet"))
    elif shutil.which("docker-compose"):
        version = run("docker-compose", "version", "--short").stdout.strip()
        declared, left_out = yaml.safe_load(COMPOSE.read_text()), ""
        if version.startswith("1."):
            # The first generation does not know this one field.
            left_out = ", but for volume.subpath, which is newer"
            for service in declared["services"].values():
                for volume in service.get("volumes", []):
                    if isinstance(volume, dict):
                        del volume["volume"]["subpath"]
        copy = work / "docker-compose.yml"
        copy.write_text(yaml.safe_dump(declared))
        verdict(f"docker-compose {version} config{left_out}", run("docker-compose", "-f", copy, "config", "--quiet"))
    else:
        print("skip  docker compose config: there is no client (Debian: docker-compose)", flush=True)


def check_kubernetes():
    if not shutil.which("kubectl"):
        print("skip  kubectl kustomize: there is no kubectl; tests/Unit reads the manifests with the types of the API", flush=True)
        return
    built = run("kubectl", "kustomize", REPOSITORY / "deploy/kubernetes")
    verdict(f"kubectl kustomize: {built.stdout.count('kind: ')} resources", built)


check_compose(Path(sys.argv[1]))
check_kubernetes()

"""One silo and one edge, each a process, for benchmarks of the edge."""
import json, os, shutil, signal, subprocess
from pathlib import Path

from processes import RUNNING, WORK, call, free_port, start, start_silo, until

ROOT = Path(__file__).resolve().parent.parent


class OneEdge:
    """Started with its bundle applied; `pid`, `http` and `key` are what a benchmark needs of it."""

    def __init__(self, bundle, options=(), before=()):
        """`options` are more of the edge's own; `before` stands before its command."""
        admin, gateway, self.http = free_port(), free_port(), free_port()
        subprocess.run([ROOT / "sluice", "--version"], check=True, stdout=subprocess.DEVNULL)
        self.silo, line = start_silo(ROOT / "sluice", admin, gateway, WORK / "data")
        self.key = line["tenantKey"]
        self.admin, self.headers = admin, {"Authorization": f"Bearer {line['adminKey']}", "Content-Type": "application/yaml"}
        self.edge = start("edge", [*before, ROOT / "sluice", "edge", "--gateway-port", str(gateway), "--http", str(self.http), "--ops", "0", "--data", str(WORK / "data"), *options])
        self.pid = self.edge.pid
        until("the edge", 60, lambda: True if json.loads(call(admin, "GET", "/api/v1/edges", headers=self.headers)[1])["items"] else None)
        self.apply(bundle)

    def apply(self, bundle):
        status, body, _ = call(self.admin, "POST", "/api/v1/apply", bundle, self.headers)
        if status != 200:
            raise SystemExit(f"bench: apply answered {status}: {body[:1000]}")

    def memory(self, field="VmRSS"):
        """MiB that the edge holds now, or (`VmHWM`) has held at most since `forget_peak`."""
        return next(int(line.split()[1]) for line in open(f"/proc/{self.pid}/status") if line.startswith(field)) / 1024

    def forget_peak(self):
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def cpu(self):
        """Seconds of CPU time that the edge has used."""
        return sum(map(int, Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        for process in RUNNING:
            process.send_signal(signal.SIGTERM)
        for process in RUNNING:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(WORK, ignore_errors=True)


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown")
    dotnet = subprocess.run(["dotnet", "--version"], capture_output=True, text=True).stdout.strip()
    return f"{os.cpu_count()} cores, {model}, Linux {os.uname().release}, .NET {dotnet}"


def tell(lines, write, name):
    """Prints a table, and puts it into docs/performance.md."""
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if write:
        subprocess.run([ROOT / "bench" / "put", name, ROOT / "docs" / "performance.md"], input=text, text=True, check=True)

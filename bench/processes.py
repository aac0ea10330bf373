"""Processes that a benchmark starts, and the calls that it makes to them."""
import http.client, json, socket, subprocess, tempfile, time
from pathlib import Path

WORK = Path(tempfile.mkdtemp(prefix="sluice-bench-"))
RUNNING = []


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(name, arguments, **more):
    log = open(WORK / f"{name}.log", "w")
    process = subprocess.Popen(arguments, stdout=log, stderr=subprocess.STDOUT, cwd=WORK, **more)
    RUNNING.append(process)
    return process


def until(what, bound, ask, pause=0.05):
    end = time.monotonic() + bound
    while time.monotonic() < end:
        try:
            if (answer := ask()) is not None:
                return answer
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(pause)
    raise SystemExit(f"bench: {what} did not come in {bound} s; see {WORK}")


def start_silo(program, admin, gateway, data, silo_port=None):
    """A silo that is up, and what it printed: its keys, where the folder was new."""
    arguments = ["--silo-port", str(silo_port or free_port()), "--gateway-port", str(gateway), "--admin", str(admin), "--data", str(data), "--json"]
    process = start("silo", [program, "silo", *arguments])
    return process, until("the silo", 120, lambda: next((json.loads(l) for l in open(WORK / "silo.log") if l.startswith("{")), None))


def call(port, method, path, body=None, headers=None, connection=None):
    with_new = connection is None
    connection = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read(), dict(answer.getheaders())
    finally:
        if with_new:
            connection.close()


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

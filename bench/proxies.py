"""How long other proxies take until every worker serves a change of one route."""
import json, os, shutil, signal, subprocess, threading, time

from processes import RUNNING, WORK, call, free_port, start, until


class Memory(threading.Thread):
    """The most memory that a process and its children have had together, in MiB, what they share counted once."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.most, self.ended = process, 0, threading.Event()
        self.start()

    def run(self):
        while not self.ended.wait(0.02):
            pids = [str(self.process.pid)]
            for pid in pids:
                try:
                    pids += open(f"/proc/{pid}/task/{pid}/children").read().split()
                except OSError:
                    pass
            total = 0
            for pid in pids:
                try:
                    total += next(int(l.split()[1]) for l in open(f"/proc/{pid}/smaps_rollup") if l.startswith("Pss:"))
                except (OSError, StopIteration):
                    pass
            self.most = max(self.most, total / 1024)


def served(port, path, times=20):
    """Whether fresh connections reach the new route every time: every worker has it."""
    return all(call(port, "GET", path)[0] == 200 for _ in range(times))


def other(name, routes, rounds, upstream):
    """Time until each worker of another proxy serves a changed route."""
    port, admin = free_port(), free_port()
    folder = WORK / f"{name}-{routes}"
    folder.mkdir()
    config = folder / "config"
    write = {"nginx": nginx_config, "haproxy": haproxy_config, "caddy": caddy_config}[name]
    config.write_text(write(port, admin, routes, "/first", upstream, folder))
    commands = {
        "nginx": ["nginx", "-p", str(folder), "-c", str(config), "-g", "daemon off;"],
        "haproxy": ["haproxy", "-W", "-f", str(config)],
        "caddy": ["caddy", "run", "--config", str(config)],
    }
    process = start(f"{name}-{routes}", commands[name], env={**os.environ, "HOME": str(folder)})
    until(name, 60, lambda: True if call(port, "GET", "/first")[0] == 200 else None)
    times, memory = [], Memory(process)
    for i in range(rounds):
        config.write_text(write(port, admin, routes, f"/changed{i}", upstream, folder))
        began = time.monotonic()
        if name == "nginx":
            process.send_signal(signal.SIGHUP)
        elif name == "haproxy":
            process.send_signal(signal.SIGUSR2)
        else:
            call(admin, "POST", "/load", config.read_text(), {"Content-Type": "application/json"})
        until(f"{name}'s change", 60, lambda: True if served(port, f"/changed{i}") else None, 0.002)
        times.append((time.monotonic() - began) * 1000)
        time.sleep(0.5)
    memory.ended.set()
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    RUNNING.remove(process)
    return times, memory.most


def nginx_config(port, _, routes, changed, upstream, folder):
    lines = "".join(f"location /s{i % 100}/r{i}/ {{ proxy_pass http://u; }}\n" for i in range(routes))
    return f"worker_processes 2;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\nhttp {{ access_log off; upstream u {{ server 127.0.0.1:{upstream}; }} server {{ listen 127.0.0.1:{port}; location = {changed} {{ proxy_pass http://u; }}\n{lines} location / {{ return 404; }} }} }}\n"


def haproxy_config(port, _, routes, changed, upstream, folder):
    (folder / "map").write_text("".join(f"/s{i % 100}/r{i}/ u\n" for i in range(routes)) + f"{changed} u\n")
    return f"global\n  nbthread 2\ndefaults\n  mode http\n  timeout connect 5s\n  timeout client 10s\n  timeout server 10s\nfrontend f\n  bind 127.0.0.1:{port}\n  use_backend %[path,map_beg({folder}/map,none)]\nbackend u\n  server s 127.0.0.1:{upstream}\nbackend none\n  http-request return status 404\n"


def caddy_config(port, admin, routes, changed, upstream, _):
    handle = [{"handler": "reverse_proxy", "upstreams": [{"dial": f"127.0.0.1:{upstream}"}]}]
    all_routes = [{"match": [{"path": [changed]}], "handle": handle, "terminal": True}] + [{"match": [{"path": [f"/s{i % 100}/r{i}/*"]}], "handle": handle, "terminal": True} for i in range(routes)]
    all_routes.append({"handle": [{"handler": "static_response", "status_code": 404}]})
    return json.dumps({"admin": {"listen": f"127.0.0.1:{admin}"}, "apps": {"http": {"servers": {"s": {"listen": [f"127.0.0.1:{port}"], "routes": all_routes, "automatic_https": {"disable": True}}}}}})


def install(name, package):
    if shutil.which(name) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-qq", package], env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return shutil.which(name) is not None

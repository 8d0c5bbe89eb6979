"""S3 servers on loopback, started for tests and stopped by their own process ids."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.environment import unmeasured

BIN = Path(sys.executable).parent
KEYS = {"AWS_ACCESS_KEY_ID": "winnow", "AWS_SECRET_ACCESS_KEY": "not-a-secret", "AWS_DEFAULT_REGION": "us-east-1"}
START_SECONDS = 60.0


@contextmanager
def moto(folder: Path) -> Iterator[str]:
    """S3 in memory; its endpoint."""
    port = free_ports(1)[0]
    with _server([str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)], folder, port) as endpoint:
        yield endpoint


@contextmanager
def seaweed(folder: Path) -> Iterator[str]:
    """A real store on disk, in `folder`; its endpoint. It asks for KEYS."""
    names = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc")
    ports = dict(zip((*names, "s3.port.grpc", "s3.port"), free_ports(len(names) + 2), strict=True))
    key, secret = KEYS["AWS_ACCESS_KEY_ID"], KEYS["AWS_SECRET_ACCESS_KEY"]
    identity = {
        "name": "tests",
        "credentials": [{"accessKey": key, "secretKey": secret}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    config, data = folder / "identities.json", folder / "data"
    config.write_text(json.dumps({"identities": [identity]}))
    data.mkdir()
    command = [str(BIN / "weed"), "server", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
    command += [
        "-s3",
        f"-s3.config={config}",
        "-s3.iam=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-master.telemetry=false",
    ]
    command += ["-volume.max=30", "-master.volumeSizeLimitMB=256"]
    command += [f"-{name}={port}" for name, port in ports.items()]
    with _server(command, folder, ports["s3.port"]) as endpoint:
        yield endpoint


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens at."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@contextmanager
def _server(command: list[str], folder: Path, port: int) -> Iterator[str]:
    log = folder / "server.log"
    with (
        log.open("wb") as sink,
        subprocess.Popen(command, env=unmeasured(), stdout=sink, stderr=sink, cwd=folder) as process,
    ):
        try:
            endpoint = f"http://127.0.0.1:{port}"
            _wait(endpoint, process, log)
            yield endpoint
        finally:
            process.kill()


def _wait(endpoint: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(endpoint, timeout=5).close()
            return
        except urllib.error.HTTPError as answer:  # it asks for keys: it is there
            answer.close()
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"the server does not answer: {log.read_text(errors='replace')[-2000:]}")

#!/usr/bin/python3
"""A simulator of the Kubernetes 1.36 API server: LIST, WATCH, WatchList and writes over real HTTPS.

It keeps objects in memory, speaks HTTP/1.1 and HTTP/2, writes a kubeconfig, and breaks on demand. By hand:

    Tests/Simulator/apiserver.py --directory /tmp/sim --load manifests/examples &
    kubectl --kubeconfig /tmp/sim/kubeconfig get ingresses -A
    curl --data-binary @ingress.yaml http://127.0.0.1:CONTROL/_sim/apply
    curl -d '{"kind":"status","code":429,"resource":"ingresses","times":3}' http://127.0.0.1:CONTROL/_sim/fault
    curl http://127.0.0.1:CONTROL/_sim/help     # every command and what it does

Its answers follow recordings of a real server; see simulator/faults.py for what can go wrong on demand.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent))

from simulator.control import ControlProtocol  # noqa: E402
from simulator.server import Simulator  # noqa: E402


def main() -> None:
    arguments = parse_arguments()
    try:
        asyncio.run(serve(arguments))
    except OSError as error:
        sys.exit(f"apiserver: {error}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--directory", type=Path, required=True, help="where kubeconfig, CA and keys are written")
    parser.add_argument("--port", type=int, default=0, help="HTTPS port on 127.0.0.1 (default: any)")
    parser.add_argument("--control-port", type=int, default=0, help="plain HTTP port for /_sim/ (default: any)")
    parser.add_argument("--auth", choices=["token", "token-file", "certificate", "plugin"], default="token")
    parser.add_argument("--http1", action="store_true", help="offer HTTP/1.1 only")
    parser.add_argument("--load", type=Path, action="append", default=[], help="manifest file or folder (repeatable)")
    parser.add_argument("--bulk", type=int, default=0, help="generate this many Ingress + Service + EndpointSlice")
    parser.add_argument("--announce", action="store_true", help="print the ports as one JSON line instead of prose")
    return parser.parse_args()


async def serve(arguments: argparse.Namespace) -> None:
    arguments.directory.mkdir(parents=True, exist_ok=True)
    simulator = Simulator(arguments.directory, http2=not arguments.http1, auth=arguments.auth)
    for path in arguments.load:
        await simulator.apply(read_manifests(path))
    if arguments.bulk:
        await simulator.bulk(ingresses=arguments.bulk)
    port = (await simulator.start(arguments.port))["port"]
    loop = asyncio.get_running_loop()
    control = await loop.create_server(lambda: ControlProtocol(simulator), "127.0.0.1", arguments.control_port)
    (arguments.directory / "control").write_text(str(control.sockets[0].getsockname()[1]))
    announce(arguments, port, control.sockets[0].getsockname()[1], simulator.kubeconfig)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()


def announce(arguments: argparse.Namespace, port: int, control: int, kubeconfig: Path) -> None:
    if arguments.announce:
        print(json.dumps({"port": port, "control": control}), flush=True)
        return
    print(f"API server   https://127.0.0.1:{port}", f"control      http://127.0.0.1:{control}/_sim/help", sep="\n")
    print(f"kubeconfig   {kubeconfig}", flush=True)


def read_manifests(path: Path) -> list[dict]:
    files = sorted(path.rglob("*.y*ml")) if path.is_dir() else [path]
    return [document for file in files for document in yaml.safe_load_all(file.read_text()) if document]


if __name__ == "__main__":
    main()

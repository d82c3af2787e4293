"""A page in a headless Chromium, spoken to by its DevTools protocol. Nothing but Debian's `chromium` is needed."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import subprocess
from pathlib import Path
from urllib.request import urlopen

import websockets

from .waiting import wait_until

CHROMIUM = shutil.which("chromium")
KEYS = {"ArrowLeft": 37, "ArrowRight": 39, "End": 35, "Enter": 13, "Escape": 27, "Home": 36, "Tab": 9}


class Browser:
    """One browser with one page. What the page complains of is in `complaints`."""

    def __init__(self, folder: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._number = 0
        self.complaints: list[str] = []
        command = [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
        command += ["--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            told = wait_until(lambda: self._read(folder / "DevToolsActivePort"), "the browser listens", 30)
            with urlopen(f"http://127.0.0.1:{told}/json/list", timeout=10) as answer:
                (page,) = [target for target in json.load(answer) if target["type"] == "page"]
            self._socket = self._await(self._connect(page["webSocketDebuggerUrl"]))
            for domain in ("Page", "Runtime", "Log"):
                self.call(f"{domain}.enable")
        except BaseException:
            self._process.kill()
            raise

    def close(self) -> None:
        self._await(self._socket.close())
        self._loop.close()
        self._process.terminate()
        self._process.wait(10)

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)

    def call(self, method: str, **parameters: object) -> dict:
        """One command and its answer; what the page says meanwhile is kept."""
        return self._await(self._ask(method, parameters))

    def run(self, script: str) -> object:
        """The value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def seen(self, script: str) -> object:
        """The same, or None while another page comes in its place."""
        try:
            return self.run(script)
        except AssertionError as problem:
            if "navigated or closed" in str(problem) or "context" in str(problem):
                return None
            raise

    def press(self, key: str) -> None:
        """A key goes down and up; a letter is written where the page takes text."""
        code = KEYS.get(key, ord(key.upper()[0]))
        text = {} if key in KEYS and key != "Enter" else {"text": "\r" if key == "Enter" else key}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def write(self, text: str) -> None:
        self.call("Input.insertText", text=text)

    def look(self, width: int, height: int = 900, scheme: str = "light") -> None:
        """As a window of this size, under a light or dark scheme."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def picture(self, path: Path) -> bytes:
        data = base64.b64decode(self.call("Page.captureScreenshot")["data"])
        path.write_bytes(data)
        return data

    @staticmethod
    async def _connect(url: str) -> websockets.WebSocketClientProtocol:
        return await websockets.connect(url, max_size=None)

    async def _ask(self, method: str, parameters: dict) -> dict:
        self._number += 1
        await self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            message = json.loads(await asyncio.wait_for(self._socket.recv(), 20))
            if message.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded"):
                said = json.dumps(message["params"])
                # Connections that end with their process are no fault of the page.
                if "net::ERR_" not in said:
                    self.complaints.append(said)
            if message.get("id") == self._number:
                assert "error" not in message, (method, message["error"])
                return message["result"]

    def _await(self, work: object) -> object:
        async def finish() -> object:
            return await work

        return self._loop.run_until_complete(finish())

    @staticmethod
    def _read(path: Path) -> str | None:
        lines = path.read_text().splitlines() if path.exists() else []
        return lines[0] if len(lines) > 1 else None

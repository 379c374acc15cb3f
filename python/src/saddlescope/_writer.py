"""A run folder that this process owns: lock, metrics lines, status and log, kept on the disk by a thread beside the training loop."""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
import time
import warnings
from pathlib import Path
from typing import Any, Dict, List, Optional

from ._figures import Divisor, with_line
from ._files import PARTIAL, finite_json, folder_bytes, now_text, step_name, steps_in, write_json
from ._lock import HEARTBEAT_SECONDS, RunLock
from ._metrics import metrics_lines
from .errors import SaddlescopeError

#: A line is in its file within this time: small steps are not slowed by a write each.
FLUSH_SECONDS = 0.1
SYNC_SECONDS = 5.0


class LineFile:
    """Appends whole lines. A write that fails is repeated at the same place, so that a full disk leaves no torn line in the middle."""

    def __init__(self, path: Path):
        self._file = open(path, "r+b" if path.exists() else "w+b")
        content = self._file.read()
        #: A torn last line is cut off.
        self.written = content.rfind(b"\n") + 1
        self._file.truncate(self.written)
        self._pending: List[bytes] = []
        self._synced = time.monotonic()

    def append(self, value: Dict[str, Any]) -> None:
        text = json.dumps(finite_json(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        self._pending.append(text.encode() + b"\n")

    def flush(self, sync: bool = False) -> None:
        content = b"".join(self._pending)
        if content:
            count = len(self._pending)
            self._file.seek(self.written)
            try:
                self._file.write(content)
                self._file.flush()
            except OSError:
                self._cut()
                raise
            self.written += len(content)
            del self._pending[:count]
        if sync or time.monotonic() - self._synced > SYNC_SECONDS:
            os.fsync(self._file.fileno())
            self._synced = time.monotonic()

    def _cut(self) -> None:
        """What a failed write left behind the whole lines goes, buffered bytes too."""
        path = self._file.name
        try:
            self._file.close()
        except OSError:
            pass
        self._file = open(path, "r+b")
        self._file.truncate(self.written)

    def close(self) -> None:
        try:
            self.flush(sync=True)
        finally:
            self._file.close()


def drop_leftovers(folder: Path) -> None:
    """Removes what was being written when a process ended."""
    for parent in (folder, folder / "checkpoints", folder / "snapshots", folder / "inputs"):
        for path in list(parent.iterdir()) if parent.is_dir() else []:
            if path.name.endswith(PARTIAL):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def cut_back(folder: Path, step: int) -> None:
    """Lines, checkpoints and snapshots of steps after ``step`` go: they are made again."""
    path = folder / "metrics.ndjson"
    if path.exists():
        kept, content = 0, path.read_bytes()
        for line in content[: content.rfind(b"\n") + 1].splitlines(keepends=True):
            try:
                value = json.loads(line)
            except ValueError:
                value = {}
            if isinstance(value, dict) and isinstance(value.get("step"), int) and value["step"] > step:
                break
            kept += len(line)
        with open(path, "r+b") as file:
            file.truncate(kept)
            os.fsync(file.fileno())
    for parent in (folder / "checkpoints", folder / "snapshots"):
        for later in [one for one in steps_in(parent) if one > step]:
            gone = parent / (step_name(later) + PARTIAL)
            os.replace(parent / step_name(later), gone)
            shutil.rmtree(gone)


class RunWriter:
    """Takes the run's lock at once; gives it back in `close`. Raises SaddlescopeError while another process works on the run."""

    def __init__(self, folder: Path, status: Dict[str, Any], per_sample: Optional[Divisor], keep_up_to: Optional[int] = None):
        self.folder = folder
        self._per_sample = per_sample
        self._lock = RunLock(folder / "lock.json")
        self._turn = threading.RLock()
        self._stop = threading.Event()
        self._lost: Optional[SaddlescopeError] = None
        self._trouble: Optional[OSError] = None
        try:
            drop_leftovers(folder)
            if keep_up_to is not None:
                cut_back(folder, keep_up_to)
            for name in ("checkpoints", "snapshots"):
                (folder / name).mkdir(exist_ok=True)
            self._metrics = LineFile(folder / "metrics.ndjson")
            self._log = LineFile(folder / "log.ndjson")
            self.status = {**status, "state": "running", "host": socket.gethostname(), "endedAt": None, "error": None}
            self._gather()
            self.save_status()
        except BaseException:
            self._lock.release()
            raise
        self._beaten = time.monotonic()
        self._thread = threading.Thread(target=self._work, name="saddlescope-recorder", daemon=True)
        self._thread.start()

    def _gather(self) -> None:
        """The figures of the lines that are there, when a run goes on."""
        for line in metrics_lines(self.folder / "metrics.ndjson"):
            self.status["figures"] = with_line(self.status["figures"], line, self._per_sample)
        self.measure()

    def measure(self) -> None:
        total = folder_bytes(self.folder)
        checkpoints, snapshots = folder_bytes(self.folder / "checkpoints"), folder_bytes(self.folder / "snapshots")
        metrics = self._metrics.written
        other = max(0, total - metrics - checkpoints - snapshots)
        sizes = {"metrics": metrics, "checkpoints": checkpoints, "snapshots": snapshots, "other": other}
        self.status["figures"] = {**self.status["figures"], "bytes": sizes, "snapshots": len(steps_in(self.folder / "snapshots"))}

    def save_status(self) -> None:
        figures = self.status["figures"]
        self.status["figures"] = {**figures, "bytes": {**figures["bytes"], "metrics": self._metrics.written}}
        write_json(self.folder / "status.json", self.status)

    def _work(self) -> None:
        while not self._stop.wait(FLUSH_SECONDS):
            with self._turn:
                if self._stop.is_set():
                    return
                self._try_to_write()

    def _try_to_write(self) -> None:
        """What cannot be written now (a full disk, a drive that is gone) stays in memory and is tried again: the training is not stopped for it."""
        try:
            self._metrics.flush()
            self._log.flush()
            if time.monotonic() - self._beaten >= HEARTBEAT_SECONDS:
                self._beaten = time.monotonic()
                self._lock.beat()
                self.save_status()
            self._trouble = None
        except SaddlescopeError as error:
            self._lost = error
            self._stop.set()
        except OSError as error:
            if self._trouble is None:
                warnings.warn(f"{self.folder}: cannot be written now ({error.strerror}); kept in memory and tried again", stacklevel=2)
            self._trouble = error

    def check(self) -> None:
        """Raises SaddlescopeError when another process has taken the run."""
        if self._lost is not None:
            raise self._lost

    def line(self, line: Dict[str, Any]) -> None:
        self.check()
        with self._turn:
            self._metrics.append(line)
            self.status["figures"] = with_line(self.status["figures"], finite_json(line), self._per_sample)
            self.status.update(step=line["step"], seconds=line["seconds"], wallSeconds=line["wallSeconds"])

    def log(self, message: str) -> None:
        with self._turn:
            self._log.append({"time": now_text(), "message": message})

    def sync(self) -> None:
        """Everything so far is on the disk when this returns."""
        self.check()
        with self._turn:
            self._metrics.flush(sync=True)
            self._log.flush(sync=True)

    def refresh(self) -> None:
        """After something in the folder was added or removed."""
        with self._turn:
            self.measure()
            self.save_status()

    def close(self, state: str, error: Optional[str]) -> None:
        """Writes what waits, records the state and gives the lock back. Raises SaddlescopeError when the lock was lost, OSError when the disk refuses."""
        with self._turn:
            self._stop.set()
        # The last reference may go in the thread itself.
        if threading.current_thread() is not self._thread:
            self._thread.join()
        try:
            self._metrics.close()
            self._log.close()
            self.check()
            self.measure()
            self.status.update(state=state, error=error, endedAt=now_text())
            self.save_status()
        finally:
            if self._lost is None:
                self._lock.release()

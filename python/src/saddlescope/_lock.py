"""lock.json: one owner a run, with a heartbeat, by the rules of docs/files.md."""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional

from ._files import json_bytes, now_text, write_atomically, write_synced
from .errors import SaddlescopeError

HEARTBEAT_SECONDS = 5.0
#: A heartbeat older than this is a dead owner's, where the process cannot be looked at.
HEARTBEAT_LIMIT = 60.0


def _linux_fields(pid: int) -> Optional[List[str]]:
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes().decode("latin1")
    except OSError:
        return None
    return stat[stat.rindex(")") + 2 :].split(" ")


def _linux_start(pid: int) -> Optional[str]:
    """Boot id, process namespace and start tick, which together never occur twice."""
    fields = _linux_fields(pid)
    try:
        if fields is None:
            return None
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')} {fields[19]}"
    except OSError:
        return None


_started = _linux_start(os.getpid()) if sys.platform == "linux" else None
OWN_START = _started or now_text()


def _is_gone(lock: Dict[str, Any], path: Path) -> bool:
    """Whether the owner is provably gone, or, where that cannot be told, silent for too long."""
    if lock.get("host") == socket.gethostname() and _started is not None:
        start, own = str(lock.get("processStart")), _started
        boot, here = start.split(" ")[:1], own.split(" ")[:1]
        if boot != here:
            # Before this computer was started, or on another computer of its name.
            return _age(path) > min(HEARTBEAT_LIMIT, float(Path("/proc/uptime").read_text().split()[0]))
        if start.split(" ")[:2] == own.split(" ")[:2]:
            fields = _linux_fields(int(lock["pid"]))
            return fields is None or _linux_start(int(lock["pid"])) != start or fields[0] in "ZXx"
    return _age(path) > HEARTBEAT_LIMIT


def _age(path: Path) -> float:
    """Seconds since the file was written, by the clock of the drive it is on."""
    probe = path.with_name(f"{path.name}.{secrets.token_hex(4)}.partial")
    try:
        probe.touch()
        return probe.stat().st_mtime - path.stat().st_mtime
    except OSError:
        return 0.0
    finally:
        probe.unlink(missing_ok=True)


def _read(path: Path) -> Optional[Dict[str, Any]]:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def _locked(path: Path, lock: Optional[Dict[str, Any]]) -> SaddlescopeError:
    who = f"process {lock.get('pid')} on {lock.get('host')}" if lock else "another process"
    return SaddlescopeError(f"{who} is working on this run ({path}); wait for it or stop it there")


def _is_stale(lock: Optional[Dict[str, Any]], path: Path) -> bool:
    """A torn one (a drive without links) is being written this moment, unless it is some seconds old."""
    return _is_gone(lock, path) if lock else _age(path) > HEARTBEAT_SECONDS


class RunLock:
    """Held from its making to `release`. Raises SaddlescopeError when a living process has the run."""

    def __init__(self, path: Path):
        self._path = path
        self._token = secrets.token_hex(8)
        for _ in range(4):
            if self._place(path) or self._replace_stale():
                break
        if (_read(path) or {}).get("token") != self._token:
            raise _locked(path, _read(path))

    def _content(self) -> bytes:
        return json_bytes(
            {
                "schemaVersion": 1,
                "host": socket.gethostname(),
                "pid": os.getpid(),
                "processStart": OWN_START,
                "heartbeat": now_text(),
                "token": self._token,
            }
        )

    def _place(self, path: Path) -> bool:
        """Written whole and then linked, so that a kill at any moment leaves none or a readable one."""
        prepared = path.with_name(f"{path.name}.{self._token}.new.partial")
        write_synced(prepared, self._content())
        try:
            os.link(prepared, path)
            return True
        except FileExistsError:
            return False
        except OSError:  # A drive without links.
            try:
                with open(path, "xb") as file:
                    file.write(self._content())
                return True
            except FileExistsError:
                return False
        finally:
            prepared.unlink(missing_ok=True)

    def _replace_stale(self) -> bool:
        """Puts this lock in the place of a stale one, which is never missing meanwhile. Who holds the guard looks again; what was seen before counts for nothing."""
        guard = self._path.with_name(f"{self._path.name}.takeover.partial")
        if not self._place(guard):
            other = _read(guard)
            if other is not None or guard.exists():
                if not _is_stale(other, guard):
                    raise _locked(self._path, other)
                guard.unlink(missing_ok=True)
            return False
        try:
            found = _read(self._path)
            if found is None and not self._path.exists():
                return False
            if not _is_stale(found, self._path):
                raise _locked(self._path, found)
            write_atomically(self._path, self._content())
            return True
        finally:
            guard.unlink(missing_ok=True)

    def beat(self) -> None:
        """Renews the heartbeat. Raises SaddlescopeError when another process has taken the run meanwhile."""
        current = _read(self._path)
        if current is not None and current.get("token") != self._token:
            raise _locked(self._path, current)
        write_atomically(self._path, self._content())

    def release(self) -> None:
        current = _read(self._path)
        if current is not None and current.get("token") == self._token:
            self._path.unlink(missing_ok=True)

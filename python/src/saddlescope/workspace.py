"""A workspace folder: its runs and datasets."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from pathlib import Path
from typing import Any, Dict, Iterator, List, Union

from ._files import read_json
from .errors import SaddlescopeError
from .run import Run

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_DEVICES = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")


def is_id(name: str) -> bool:
    """Whether a folder of that name may be a run."""
    return _ID.fullmatch(name) is not None and _DEVICES.fullmatch(name) is None


def slug(name: str) -> str:
    """A name as an id: lower case, "-" for everything else, at most 48 letters."""
    plain = unicodedata.normalize("NFKD", name).lower()
    plain = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].rstrip("-")
    return plain if is_id(plain) else f"run-{plain}".rstrip("-")


def default_location() -> Path:
    """SADDLESCOPE_WORKSPACE, else the folder `workspace` in the app's user-data folder."""
    given = os.environ.get("SADDLESCOPE_WORKSPACE")
    if given:
        return Path(given).absolute()
    home = Path.home()
    if sys.platform == "win32":
        data = Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        data = home / "Library" / "Application Support"
    else:
        data = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    return data / "Saddlescope" / "workspace"


class Workspace:
    """A workspace, left out: the one that the app and the command line use (SADDLESCOPE_WORKSPACE, else the user-data folder's)."""

    def __init__(self, folder: Union[str, Path, None] = None):
        self.folder = default_location() if folder is None else Path(folder).absolute()

    def __repr__(self) -> str:
        return f"Workspace({str(self.folder)!r})"

    @property
    def runs(self) -> List[Run]:
        """All runs, by id."""
        parent = self.folder / "runs"
        names = sorted(path.name for path in parent.iterdir()) if parent.is_dir() else []
        return [Run(parent / name) for name in names if is_id(name) and (parent / name / "spec.json").exists()]

    def __iter__(self) -> Iterator[Run]:
        return iter(self.runs)

    def run(self, id: str) -> Run:
        """A run by its id. Raises SaddlescopeError naming those there are."""
        if not is_id(id) or not (self.folder / "runs" / id / "spec.json").exists():
            known = [run.id for run in self.runs]
            listed = ", ".join(known[:20]) + (" and more" if len(known) > 20 else "")
            raise SaddlescopeError(f'there is no run "{id}" in {self.folder}; there are {listed or "none"}')
        return Run(self.folder / "runs" / id)

    __getitem__ = run

    @property
    def datasets(self) -> Dict[str, Dict[str, Any]]:
        """Manifests of the imported datasets, by id. Built-in ones are the product's."""
        parent = self.folder / "datasets"
        names = sorted(path.name for path in parent.iterdir()) if parent.is_dir() else []
        return {name: read_json(parent / name / "manifest.json") for name in names if (parent / name / "manifest.json").exists()}

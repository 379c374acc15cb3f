"""The product's command line: found by SADDLESCOPE_COMMAND, else `saddlescope` on the PATH."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import List, Optional, Sequence, Union

from .errors import SaddlescopeError


def command_words() -> List[str]:
    """The words that start the product. Raises SaddlescopeError where there is none."""
    given = os.environ.get("SADDLESCOPE_COMMAND")
    if given:
        # A path that has spaces in it is one word.
        return [given] if Path(given).exists() else [word.strip('"') for word in shlex.split(given, posix=os.name != "nt")]
    found = shutil.which("saddlescope")
    if found is None:
        raise SaddlescopeError(
            "the command saddlescope is not on the PATH: install the app, or name it in SADDLESCOPE_COMMAND "
            '(from a checkout: SADDLESCOPE_COMMAND="node /path/to/checkout/out/main/cli.js")'
        )
    return [found]


def command_environment(workspace: Union[str, Path, None]) -> "dict[str, str]":
    environment = dict(os.environ)
    if workspace is not None:
        environment["SADDLESCOPE_WORKSPACE"] = str(workspace)
    return environment


def call(words: Sequence[str], workspace: Union[str, Path, None] = None, timeout: Optional[float] = None) -> str:
    """Runs a command to its end and returns what it prints on stdout. Raises SaddlescopeError with its own sentence when it fails."""
    program = command_words()
    try:
        done = subprocess.run(
            [*program, *words], env=command_environment(workspace), capture_output=True, text=True, encoding="utf-8", timeout=timeout, check=False
        )
    except OSError as error:
        raise SaddlescopeError(f"{' '.join(program)}: cannot be started ({error.strerror}); check SADDLESCOPE_COMMAND") from None
    except subprocess.TimeoutExpired:
        raise SaddlescopeError(f"saddlescope {words[0]}: did not end within {timeout} s") from None
    if done.returncode != 0:
        said = done.stderr.strip() or done.stdout.strip() or f"ended with {done.returncode}"
        raise SaddlescopeError(f"saddlescope {words[0]}: {said}")
    return done.stdout

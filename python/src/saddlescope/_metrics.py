"""metrics.ndjson as columns: a row a step, NaN where a step has no such figure or its line is damaged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Tuple

import numpy as np

if TYPE_CHECKING:
    import pandas


class Metrics(Dict[str, np.ndarray]):
    """Figures by name, each an array with one entry a step from step 1 on (``step`` itself included).

    A figure by block has a column for each: ``lambdaMin.W1``. NaN: the step has no such figure, it was not finite, or its line is damaged or missing.
    """

    def to_pandas(self) -> "pandas.DataFrame":
        """The same as a DataFrame. Needs pandas."""
        import pandas

        return pandas.DataFrame(dict(self))


def whole_lines(path: Path) -> Iterator[Dict[str, Any]]:
    """The objects of an NDJSON file; a torn last line and damaged ones are passed over."""
    if not path.exists():
        return
    content = path.read_bytes()
    for line in content[: content.rfind(b"\n") + 1].split(b"\n"):
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            yield value


def metrics_lines(path: Path) -> List[Dict[str, Any]]:
    """The lines of a run in order of their steps, the first of those that name one step."""
    lines: Dict[int, Dict[str, Any]] = {}
    for line in whole_lines(path):
        step = line.get("step")
        if isinstance(step, int) and not isinstance(step, bool) and step > 0:
            lines.setdefault(step, line)
    return [lines[step] for step in sorted(lines)]


_CURVATURE = ("lambdaMin", "lambdaMax", "index", "flipped", "zero", "trace", "effectiveRank")


def _with_named_blocks(line: Dict[str, Any]) -> Dict[str, Any]:
    """Where a step decomposed one block of several, its figures stand in the line without the block's name."""
    path = line.get("path")
    if not isinstance(path, dict) or len(path) < 2 or isinstance(line.get("lambdaMin"), dict):
        return line
    decomposed = [block for block, way in path.items() if way != "cholesky"]
    if len(decomposed) != 1 or line.get("lambdaMin") is None:
        return line
    named = {name: {decomposed[0]: line[name]} for name in _CURVATURE if isinstance(line.get(name), (int, float))}
    return {**line, **named}


def _figures(line: Dict[str, Any]) -> Iterator[Tuple[str, float]]:
    for key, value in line.items():
        pairs = value.items() if isinstance(value, dict) else [(None, value)]
        for block, figure in pairs:
            name = key if block is None else f"{key}.{block}"
            if figure is None:
                yield name, float("nan")
            elif isinstance(figure, (int, float)) and not isinstance(figure, bool):
                yield name, float(figure)


def read_metrics(path: Path) -> Metrics:
    lines = metrics_lines(path)
    rows = int(lines[-1]["step"]) if lines else 0
    metrics = Metrics(step=np.arange(1, rows + 1))
    for line in lines:
        row = int(line["step"]) - 1
        for name, figure in _figures(_with_named_blocks(line)):
            if name == "step":
                continue
            if name not in metrics:
                metrics[name] = np.full(rows, np.nan)
            metrics[name][row] = figure
    return metrics

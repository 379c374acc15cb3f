"""The few figures a run list shows, gathered line by line as the product gathers them (src/shared/run/figures.ts)."""

from __future__ import annotations

import math
from typing import Any, Callable, Dict, List, Optional

_POINTS = 60

Divisor = Callable[[int], int]

EMPTY: Dict[str, Any] = {
    **{
        name: None
        for name in (
            "lastLoss minLoss minLossStep lastLossPerSample minLossPerSample minLossPerSampleStep lastTestLoss lastAccuracy bestAccuracy "
            "bestAccuracyStep lastValLoss lastValAccuracy bestValAccuracy bestValAccuracyStep accuracyAtBestVal lambdaMin lambdaMax index "
            "curvatureStep curvatureVectors"
        ).split()
    },
    "sparkline": {"stride": 1, "points": []},
    "bytes": {"metrics": 0, "checkpoints": 0, "snapshots": 0, "other": 0},
    "snapshots": 0,
}


def finite(value: Any) -> Optional[float]:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if number and math.isfinite(value) else None


def divisor(loss: Optional[str], batch_size: Optional[int], samples: Optional[int]) -> Optional[Divisor]:
    """By what a line's loss is divided to be per sample: half-sse is a sum over the batch, whose last one of an epoch may be shorter."""
    if loss != "half-sse":
        return (lambda step: 1) if loss is not None else None
    if samples is None:
        return None
    size = min(batch_size or samples, samples)
    batches = -(-samples // size)
    last = samples - (batches - 1) * size
    return lambda step: last if step % batches == 0 else size


def _sparkline(line: Dict[str, Any], step: int, loss: Optional[float]) -> Dict[str, Any]:
    stride: int = line["stride"]
    points: List[Optional[float]] = line["points"]
    if (step - 1) % stride != 0:
        return line
    place = (step - 1) // stride
    if place >= _POINTS:
        return _sparkline({"stride": stride * 2, "points": points[::2]}, step, loss)
    return {"stride": stride, "points": [*points, *[None] * (place - len(points)), loss]}


def _across(value: Any, pick: Callable[[List[float]], float]) -> Optional[float]:
    """A figure of the whole from one by block."""
    values = [one for one in map(finite, value.values() if isinstance(value, dict) else [value]) if one is not None]
    return pick(values) if values else None


def with_line(figures: Dict[str, Any], line: Dict[str, Any], per_sample: Optional[Divisor]) -> Dict[str, Any]:
    """The figures after one more line."""
    step, loss = line["step"], finite(line.get("loss"))
    after = dict(figures)
    after["lastLoss"] = loss
    if loss is not None and (figures["minLoss"] is None or loss < figures["minLoss"]):
        after.update(minLoss=loss, minLossStep=step)
    after["lastLossPerSample"] = None if loss is None or per_sample is None else loss / per_sample(step)
    known = figures["minLoss"] is None or figures["minLossPerSample"] is not None
    least, mine = figures["minLossPerSample"], after["lastLossPerSample"]
    if per_sample is None or not known:
        after.update(minLossPerSample=None, minLossPerSampleStep=None)
    elif mine is not None and (least is None or mine < least):
        after.update(minLossPerSample=mine, minLossPerSampleStep=step)
    for kind, short in (("test", ""), ("val", "Val")):
        figure, accuracy = finite(line.get(f"{kind}Loss")), finite(line.get(f"{kind}Accuracy"))
        if figure is not None:
            after["lastTestLoss" if kind == "test" else "lastValLoss"] = figure
        if accuracy is None:
            continue
        after[f"last{short}Accuracy"] = accuracy
        best = figures[f"best{short}Accuracy"]
        if best is None or accuracy > best:
            after.update({f"best{short}Accuracy": accuracy, f"best{short}AccuracyStep": step})
            if kind == "val":
                after["accuracyAtBestVal"] = finite(line.get("testAccuracy"))
    low, high = _across(line.get("lambdaMin"), min), _across(line.get("lambdaMax"), max)
    if low is not None or high is not None:
        after.update(lambdaMin=low, lambdaMax=high, index=_across(line.get("index"), max), curvatureStep=step, curvatureVectors=None)
    after["sparkline"] = _sparkline(figures["sparkline"], step, loss)
    return after

"""A workspace that the built product made, and the product's command line."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
if "SADDLESCOPE_COMMAND" not in os.environ:
    os.environ["SADDLESCOPE_COMMAND"] = f"node {ROOT / 'out' / 'main' / 'cli.js'}"

from saddlescope.command import call  # noqa: E402

SPEC = {
    "schemaVersion": 1,
    "name": "made by the product",
    "data": {"dataset": "two-spirals"},
    "model": {"layers": [2, 5, 2], "activation": {"kind": "tanh"}, "bias": True},
    "loss": "softmax-cross-entropy",
    "batch": {"size": 50},
    "optimizer": {"kind": "sfn", "scope": "layer-blocks"},
    "budget": {"steps": 8},
    "evaluate": {"everySteps": 4, "histograms": True},
    "snapshots": {"everySteps": 4, "hessian": True},
    "checkpoints": {"everySteps": 4},
}


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A workspace with the run `made` of the product, and an analysis of it."""
    folder = tmp_path_factory.mktemp("made")
    spec = folder / "spec.json"
    spec.write_text(json.dumps(SPEC))
    workspace = folder / "workspace"
    call(["run", str(spec), "--id", "made"], workspace, 120)
    call(["analyse", "difference", "made:8", "--set", "a=made:8/W2", "--set", "b=made:4/W2"], workspace, 120)
    return workspace


@pytest.fixture()
def workspace(tmp_path):
    return tmp_path / "workspace"


@pytest.fixture()
def product():
    """product(workspace, words…): what a command prints, as JSON."""

    def ask(workspace, *words):
        return json.loads(call([*words, "--json"], workspace, 120))

    return ask


class Loop:
    """A tanh net of 3 → 4 → 2 on 61 samples, trained by plain gradient descent in NumPy, with its gradient by hand."""

    def __init__(self, loss, batch=None, seed=0):
        random = np.random.default_rng(seed)
        self.x = random.normal(size=(61, 3))
        self.classes = loss == "softmax-cross-entropy"
        self.y = (self.x[:, 0] > 0).astype(int) if self.classes else random.normal(size=(61, 2))
        self.weights = [(random.normal(size=(3, 4)) / 2, random.normal(size=4) / 9), (random.normal(size=(4, 2)) / 2, random.normal(size=2) / 9)]
        self.loss, self.batch, self.at = loss, batch or 61, 0

    @property
    def layers(self):
        return [(*self.weights[0], "tanh"), (*self.weights[1], None)]

    def evaluate(self, rows):
        (w1, b1), (w2, b2) = self.weights
        x, y = self.x[rows], self.y[rows]
        a = np.tanh(x @ w1 + b1)
        z = a @ w2 + b2
        if self.classes:
            p = np.exp(z - z.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            loss = -np.log(p[np.arange(len(y)), y]).mean()
            d = p.copy()
            d[np.arange(len(y)), y] -= 1
            d /= len(y)
        else:
            d = z - y
            loss = (d**2).sum() / 2
        e = (d @ w2.T) * (1 - a * a)
        return loss, [(x.T @ e, e.sum(axis=0)), (a.T @ d, d.sum(axis=0))]

    def step(self, rate=0.02):
        rows = slice(self.at, min(self.at + self.batch, 61))
        self.at = 0 if rows.stop == 61 else rows.stop
        loss, gradient = self.evaluate(rows)
        self.weights = [(w - rate * g, b - rate * h) for (w, b), (g, h) in zip(self.weights, gradient)]
        return loss, gradient


@pytest.fixture()
def loop():
    return Loop

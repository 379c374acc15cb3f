"""Trajectories of PyTorch's optimizers on Rosenbrock and Himmelblau, float64, for test/unit/engine/optimizers.

Run: python test/reference/optimizers/make.py   (writes torch.json beside this file)
"""

import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)

FUNCTIONS = {
    "rosenbrock": (lambda w: (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2, [-1.2, 1.0]),
    "himmelblau": (lambda w: (w[0] ** 2 + w[1] - 11) ** 2 + (w[0] + w[1] ** 2 - 7) ** 2, [1.0, -0.5]),
}

# (our spec, PyTorch's optimizer)
CASES = [
    ({"kind": "gd", "learningRate": 1e-3}, lambda p: torch.optim.SGD(p, lr=1e-3)),
    ({"kind": "momentum", "learningRate": 5e-4, "momentum": 0.9}, lambda p: torch.optim.SGD(p, lr=5e-4, momentum=0.9)),
    ({"kind": "nesterov", "learningRate": 5e-4, "momentum": 0.8}, lambda p: torch.optim.SGD(p, lr=5e-4, momentum=0.8, nesterov=True)),
    ({"kind": "rmsprop"}, lambda p: torch.optim.RMSprop(p)),
    (
        {"kind": "rmsprop", "learningRate": 0.02, "alpha": 0.9, "epsilon": 1e-6, "momentum": 0.5, "centered": True},
        lambda p: torch.optim.RMSprop(p, lr=0.02, alpha=0.9, eps=1e-6, momentum=0.5, centered=True),
    ),
    ({"kind": "adam"}, lambda p: torch.optim.Adam(p)),
    (
        {"kind": "adam", "learningRate": 0.05, "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-5, "weightDecay": 0.1},
        lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.8, 0.99), eps=1e-5, weight_decay=0.1),
    ),
    ({"kind": "adamw"}, lambda p: torch.optim.AdamW(p)),
    ({"kind": "adamw", "learningRate": 0.05, "weightDecay": 0.2}, lambda p: torch.optim.AdamW(p, lr=0.05, weight_decay=0.2)),
    ({"kind": "l-bfgs", "learningRate": 0.05}, lambda p: torch.optim.LBFGS(p, lr=0.05)),
    (
        {"kind": "l-bfgs", "learningRate": 0.1, "maxIterations": 4, "history": 3},
        lambda p: torch.optim.LBFGS(p, lr=0.1, max_iter=4, history_size=3),
    ),
    (
        {"kind": "l-bfgs", "maxIterations": 6, "history": 2, "lineSearch": "strong-wolfe"},
        lambda p: torch.optim.LBFGS(p, max_iter=6, history_size=2, line_search_fn="strong_wolfe"),
    ),
    ({"kind": "l-bfgs", "lineSearch": "strong-wolfe"}, lambda p: torch.optim.LBFGS(p, line_search_fn="strong_wolfe")),
]
STEPS = 25


def trajectory(function, start, make):
    w = torch.tensor(start, requires_grad=True)
    optimizer = make([w])
    points = []

    def closure():
        optimizer.zero_grad()
        loss = function(w)
        loss.backward()
        return loss

    for _ in range(STEPS):
        optimizer.step(closure)
        points.append([float(x) for x in w.detach()])
    return points


rows = [
    {"function": name, "start": start, "optimizer": spec, "points": trajectory(function, start, make)}
    for name, (function, start) in FUNCTIONS.items()
    for spec, make in CASES
]
target = pathlib.Path(__file__).with_name("torch.json")
target.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
print(f"{target}: {len(rows)} trajectories, PyTorch {torch.__version__}")

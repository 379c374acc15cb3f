"""Golden Hessians: loss, gradient, full Hessian and GGN of small perceptrons by PyTorch's automatic differentiation, in double precision.

    python test/reference/curvature/make.py     (needs numpy and torch; writes torch.json beside this file)

Parameters are one vector [W1 row-major (in x out), b1, W2, b2, ...]; samples are rows. The upper triangles of the matrices are stored row by row.
"""
import json
import pathlib

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
here = pathlib.Path(__file__).parent

activations = {
    "leaky-relu": lambda x: torch.nn.functional.leaky_relu(x, 0.5),
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "softplus": torch.nn.functional.softplus,
    "identity": lambda x: x,
}
shapes = {2: [4, 3, 3], 3: [3, 4, 2, 3], 4: [3, 2, 3, 2, 3]}


def outputs(w, x, layers, bias, hidden, last):
    at = 0
    for place, (inputs, units) in enumerate(zip(layers, layers[1:])):
        weights = w[at : at + inputs * units].reshape(inputs, units)
        at += inputs * units
        x = x @ weights
        if bias:
            x = x + w[at : at + units]
            at += units
        x = activations[last if place == len(layers) - 2 else hidden](x)
    return x


def loss_of(h, y, kind):
    if kind == "half-sse":
        return 0.5 * ((h - y) ** 2).sum()
    if kind == "mse":
        return torch.nn.functional.mse_loss(h, y)
    return torch.nn.functional.cross_entropy(h, y)


def upper(matrix):
    return [float(value) for value in matrix[np.triu_indices(len(matrix))]]


def main():
    rng = np.random.default_rng(20240607)
    cases = []
    for depth, layers in shapes.items():
        for hidden in ["leaky-relu", "tanh", "sigmoid", "softplus"]:
            for kind in ["half-sse", "mse", "softmax-cross-entropy"]:
                bias = len(cases) % 2 == 0 if depth != 3 else len(cases) % 2 == 1
                last = "identity" if kind == "softmax-cross-entropy" else hidden
                samples = 5
                count = sum((i + (1 if bias else 0)) * o for i, o in zip(layers, layers[1:]))
                w = torch.tensor(rng.normal(size=count))
                x = torch.tensor(rng.normal(size=(samples, layers[0])))
                if kind == "softmax-cross-entropy":
                    y = torch.eye(layers[-1])[torch.tensor(rng.integers(0, layers[-1], samples))]
                else:
                    y = torch.tensor(rng.normal(size=(samples, layers[-1])))
                forward = lambda v: outputs(v, x, layers, bias, hidden, last)
                total = lambda v: loss_of(forward(v), y, kind)
                gradient = torch.func.grad(total)(w)
                hessian = torch.func.hessian(total)(w).numpy()
                # GGN: the loss's own second derivative between Jacobians of the outputs.
                jacobian = torch.func.jacrev(forward)(w).reshape(-1, count)
                h = forward(w).detach()
                inner = torch.func.hessian(lambda flat: loss_of(flat.reshape(h.shape), y, kind))(h.reshape(-1))
                ggn = (jacobian.T @ inner @ jacobian).numpy()
                cases.append(
                    dict(
                        layers=layers, activation=hidden, outputActivation=last, bias=bias, loss=kind, samples=samples,
                        parameters=w.tolist(), inputs=x.reshape(-1).tolist(), targets=y.reshape(-1).tolist(),
                        value=float(total(w)), gradient=gradient.tolist(), hessian=upper(hessian), ggn=upper(ggn),
                    )
                )
    made = f"torch {torch.__version__}, numpy {np.__version__}"
    (here / "torch.json").write_text(json.dumps({"made": made, "cases": cases}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()

"""Trajectories of Muon, Shampoo, SOAP, K-FAC and schedule-free AdamW on small networks, float64, for test/unit/engine/optimizers.

References: torch.optim.Muon (PyTorch 2.15), pytorch-optimizer 4.1.0, schedulefree 1.4.1, curvlinops-for-pytorch 3.0.1.
Two of them leave double precision inside; each case says how that is dealt with:
- Muon orthogonalizes in bfloat16. Cases "double" take the same function with its one cast to bfloat16 replaced by none; "bfloat16" is PyTorch as it is.
- SOAP factorizes in float32. Cases take the same method with that cast replaced by none.

Run: python test/reference/optimizers/make_networks.py   (writes networks.json beside this file)
"""

import importlib
import json
import pathlib
import warnings

import torch
from torch import nn

warnings.simplefilter("ignore")
import pytorch_optimizer
import schedulefree
from curvlinops import KFACInverseLinearOperator, KFACLinearOperator

torch.set_default_dtype(torch.float64)
torch.use_deterministic_algorithms(True)
muon_module = importlib.import_module("torch.optim._muon")

STEPS = 50
KEPT = [1, 2, 10, 50]
SAMPLES = 24

# Square layers, so that every gradient matrix has full rank and SOAP's bases are unique; and others.
NETS = {
    "square": {"layers": [4, 4, 4], "bias": False, "loss": "mse"},
    "narrowing": {"layers": [6, 4, 3], "bias": True, "loss": "softmax-cross-entropy"},
    "widening": {"layers": [3, 5, 4], "bias": True, "loss": "mse"},
}


def build(net, seed):
    generator = torch.Generator().manual_seed(seed)
    layers, bias = net["layers"], net["bias"]
    modules = []
    for l, (inputs, outputs) in enumerate(zip(layers, layers[1:])):
        linear = nn.Linear(inputs, outputs, bias=bias)
        with torch.no_grad():
            linear.weight.copy_(torch.randn(outputs, inputs, generator=generator) / inputs**0.5)
            if bias:
                linear.bias.copy_(0.3 * torch.randn(outputs, generator=generator))
        modules.append(linear)
        if l < len(layers) - 2:
            modules.append(nn.Tanh())
    model = nn.Sequential(*modules)
    inputs = torch.randn(SAMPLES, layers[0], generator=generator)
    if net["loss"] == "mse":
        targets = torch.randn(SAMPLES, layers[-1], generator=generator)
        loss = nn.MSELoss()
    else:
        targets = torch.randint(layers[-1], (SAMPLES,), generator=generator)
        loss = nn.CrossEntropyLoss()
    return model, inputs, targets, loss


def flat(model):
    """Our order: W (in x out, row-major), then its biases, layer by layer."""
    parts = []
    for module in model:
        if isinstance(module, nn.Linear):
            parts.append(module.weight.detach().t().reshape(-1))
            if module.bias is not None:
                parts.append(module.bias.detach())
    return torch.cat(parts).tolist()


def matrices(model):
    return [p for p in model.parameters() if p.ndim == 2]


def vectors(model):
    return [p for p in model.parameters() if p.ndim == 1]


class Together:
    def __init__(self, *optimizers):
        self.optimizers = optimizers

    def zero_grad(self):
        for optimizer in self.optimizers:
            optimizer.zero_grad()

    def step(self):
        for optimizer in self.optimizers:
            optimizer.step()


def muon(model, **options):
    parts = [torch.optim.Muon(matrices(model), **options)]
    if vectors(model):
        parts.append(torch.optim.AdamW(vectors(model), lr=options.get("lr", 1e-3)))
    return Together(*parts)


def newton_schulz(grad, coefficients, steps, eps):
    """The function of torch.optim._muon in the precision of its argument."""
    a, b, c = coefficients
    x = grad.clone()
    if grad.size(0) > grad.size(1):
        x = x.T
    x = x / x.norm().clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if grad.size(0) > grad.size(1) else x


def soap(model, **options):
    optimizer = pytorch_optimizer.SOAP(model.parameters(), **options)
    inner = optimizer.get_orthogonal_matrix_qr

    def in_double(*args, **kwargs):
        cast = torch.Tensor.to
        torch.Tensor.to = lambda self, dtype, *rest, **more: self if dtype == torch.float32 else cast(self, dtype, *rest, **more)
        try:
            return inner(*args, **kwargs)
        finally:
            torch.Tensor.to = cast

    optimizer.get_orthogonal_matrix_qr = in_double
    return optimizer


class Kfac:
    """x <- x - lr (A x B + damping)^-1 g with the factors of this batch alone (curvlinops)."""

    def __init__(self, model, inputs, targets, loss, lr, damping, exact):
        self.parts = (model, inputs, targets, loss, lr, damping, exact)

    def zero_grad(self):
        self.parts[0].zero_grad()

    def step(self):
        model, inputs, targets, loss, lr, damping, exact = self.parts
        params = list(model.parameters())
        kfac = KFACLinearOperator(
            model, loss, params, [(inputs, targets)], fisher_type="type-2", separate_weight_and_bias=False, check_deterministic=False
        )
        inverse = KFACInverseLinearOperator(kfac, damping=damping, use_exact_damping=exact, use_heuristic_damping=not exact)
        step = inverse @ [p.grad for p in params]
        with torch.no_grad():
            for p, s in zip(params, step):
                p.sub_(lr * s.reshape(p.shape))


def schedule_free(model, **options):
    optimizer = schedulefree.AdamWScheduleFree(model.parameters(), foreach=False, **options)
    optimizer.train()
    return optimizer


# (net, precision, our spec, the reference)
CASES = [
    ("narrowing", "double", {"kind": "muon"}, lambda m, *_: muon(m)),
    ("widening", "double", {"kind": "muon"}, lambda m, *_: muon(m)),
    (
        "widening",
        "double",
        {"kind": "muon", "learningRate": 0.02, "momentum": 0.8, "nesterov": False, "weightDecay": 0.01, "nsSteps": 4, "adjustLrFn": "match-rms-adamw"},
        lambda m, *_: muon(m, lr=0.02, momentum=0.8, nesterov=False, weight_decay=0.01, ns_steps=4, adjust_lr_fn="match_rms_adamw"),
    ),
    (
        "narrowing",
        "double",
        {"kind": "muon", "learningRate": 0.02, "adjustLrFn": "spectral-unclamped"},
        lambda m, *_: muon(m, lr=0.02, adjust_lr_fn="spectral_unclamped"),
    ),
    ("narrowing", "bfloat16", {"kind": "muon", "learningRate": 0.02}, lambda m, *_: muon(m, lr=0.02)),
    ("narrowing", "double", {"kind": "shampoo", "learningRate": 0.1}, lambda m, *_: pytorch_optimizer.Shampoo(m.parameters(), lr=0.1)),
    ("widening", "double", {"kind": "shampoo"}, lambda m, *_: pytorch_optimizer.Shampoo(m.parameters())),
    (
        "widening",
        "double",
        {"kind": "shampoo", "learningRate": 0.05, "momentum": 0.5, "weightDecay": 0.1, "matrixEps": 1e-4},
        lambda m, *_: pytorch_optimizer.Shampoo(m.parameters(), lr=0.05, momentum=0.5, weight_decay=0.1, matrix_eps=1e-4),
    ),
    (
        "square",
        "double",
        {"kind": "shampoo", "learningRate": 0.05, "weightDecay": 0.1, "weightDecouple": True, "fixedDecay": True},
        lambda m, *_: pytorch_optimizer.Shampoo(m.parameters(), lr=0.05, weight_decay=0.1, weight_decouple=True, fixed_decay=True),
    ),
    ("square", "double", {"kind": "soap"}, lambda m, *_: soap(m)),
    (
        "square",
        "double",
        {"kind": "soap", "learningRate": 0.02, "beta1": 0.9, "beta2": 0.99, "shampooBeta": 0.8, "weightDecay": 0.1, "preconditionFrequency": 3},
        lambda m, *_: soap(m, lr=0.02, betas=(0.9, 0.99), shampoo_beta=0.8, weight_decay=0.1, precondition_frequency=3),
    ),
    (
        "square",
        "double",
        {"kind": "soap", "learningRate": 0.005, "correctBias": False, "normalizeGradient": True, "preconditionFrequency": 5},
        lambda m, *_: soap(m, lr=0.005, correct_bias=False, normalize_gradient=True, precondition_frequency=5),
    ),
    ("narrowing", "double", {"kind": "soap", "maxPreconditionDim": 2}, lambda m, *_: soap(m, max_precondition_dim=2)),
    ("narrowing", "double", {"kind": "soap", "maxPreconditionDim": 3}, lambda m, *_: soap(m, max_precondition_dim=3)),
    ("narrowing", "double", {"kind": "schedule-free-adamw"}, lambda m, *_: schedule_free(m)),
    (
        "widening",
        "double",
        {"kind": "schedule-free-adamw", "learningRate": 0.05, "beta1": 0.8, "beta2": 0.99, "weightDecay": 0.1, "warmupSteps": 10, "r": 1, "weightLrPower": 1},
        lambda m, *_: schedule_free(m, lr=0.05, betas=(0.8, 0.99), weight_decay=0.1, warmup_steps=10, r=1.0, weight_lr_power=1.0),
    ),
    *(
        (
            net,
            "double",
            {"kind": "k-fac", "learningRate": 0.3, "damping": {"kind": kind, "value": 0.05}, "factorDecay": 0},
            lambda m, x, y, loss, kind=kind: Kfac(m, x, y, loss, 0.3, 0.05, kind == "exact"),
        )
        for net in ("narrowing", "widening")
        for kind in ("factored", "exact")
    ),
]

nets = {}
for seed, (name, net) in enumerate(NETS.items()):
    model, inputs, targets, _ = build(net, seed)
    rows = targets if targets.ndim == 2 else nn.functional.one_hot(targets, net["layers"][-1]).double()
    nets[name] = {**net, "inputs": inputs.tolist(), "targets": rows.tolist(), "start": flat(model)}

original = muon_module._zeropower_via_newtonschulz
trajectories = []
for name, precision, spec, make in CASES:
    muon_module._zeropower_via_newtonschulz = original if precision == "bfloat16" else newton_schulz
    model, inputs, targets, loss = build(NETS[name], list(NETS).index(name))
    optimizer = make(model, inputs, targets, loss)
    points, evaluated = {}, {}
    for step in range(1, STEPS + 1):
        optimizer.zero_grad()
        loss(model(inputs), targets).backward()
        optimizer.step()
        if step in KEPT:
            points[step] = flat(model)
            if spec["kind"] == "schedule-free-adamw":
                optimizer.eval()
                evaluated[step] = flat(model)
                optimizer.train()
    trajectories.append({"net": name, "precision": precision, "optimizer": spec, "points": points, "evaluated": evaluated})

target = pathlib.Path(__file__).with_name("networks.json")
target.write_text(json.dumps({"nets": nets, "trajectories": trajectories}) + "\n")
print(target.stat().st_size, "bytes")

"""Full Hessian of a perceptron by automatic differentiation in double precision, three ways, each timed first and repeated.

Argument: JSON {net: path, form: torch-autograd | torch-func | jax, repeats, threads}. Prints one JSON line
{form, version, first, seconds, cpuSeconds, figures}: figures are H u and the diagonal, for a fixed u, so that the matrices can be compared.
"""
import json
import os
import sys
import time

import numpy as np

request = json.loads(sys.argv[1])
net = json.load(open(request["net"]))
layers, samples, slope = net["layers"], net["samples"], net["slope"]
w = np.array(net["parameters"])
x = np.array(net["inputs"]).reshape(samples, layers[0])
y = np.array(net["targets"]).reshape(samples, layers[-1])
sizes = [i * o for i, o in zip(layers, layers[1:])]
starts = np.concatenate([[0], np.cumsum(sizes)])


def median(values):
    return sorted(values)[len(values) // 2]


def report(version, hessian):
    times = []
    matrix = None
    processor = 0.0
    for call in range(1 + request["repeats"]):
        if call == 1:
            processor = time.process_time()
        began = time.perf_counter()
        matrix = hessian()
        times.append(time.perf_counter() - began)
    processor = (time.process_time() - processor) / request["repeats"]
    matrix = np.asarray(matrix)
    u = np.sin(np.arange(len(w)) + 1.0)
    figures = (matrix @ u).tolist() + np.diag(matrix).tolist()
    print(json.dumps({"form": request["form"], "version": version, "first": times[0], "seconds": median(times[1:]), "cpuSeconds": processor, "figures": figures}), flush=True)


def with_torch():
    import torch

    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(request["threads"])
    tx, ty, tw = torch.tensor(x), torch.tensor(y), torch.tensor(w)

    def loss(v):
        h = tx
        for place, (i, o) in enumerate(zip(layers, layers[1:])):
            h = h @ v[starts[place] : starts[place + 1]].reshape(i, o)
            h = torch.tanh(h) if slope is None else torch.nn.functional.leaky_relu(h, slope)
        return 0.5 * ((h - ty) ** 2).sum()

    if request["form"] == "torch-autograd":
        report(torch.__version__, lambda: torch.autograd.functional.hessian(loss, tw))
    else:
        form = torch.func.jacrev(torch.func.jacrev(loss), chunk_size=500)
        report(torch.__version__, lambda: form(tw).detach())


def with_jax():
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def loss(v):
        h = x
        for place, (i, o) in enumerate(zip(layers, layers[1:])):
            h = h @ v[starts[place] : starts[place + 1]].reshape(i, o)
            h = jnp.tanh(h) if slope is None else jnp.where(h > 0, h, slope * h)
        return 0.5 * ((h - y) ** 2).sum()

    compiled = jax.jit(jax.hessian(loss))
    report(jax.__version__, lambda: compiled(jnp.asarray(w)).block_until_ready())


with_jax() if request["form"] == "jax" else with_torch()

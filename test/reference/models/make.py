# Twenty MLPs as PyTorch makes them, with their loss and full Hessian in float64: networks in four formats, data, nets.json and hessians/.
# Needs torch, safetensors, onnx, onnxscript, numpy: python make.py (in this folder).
import io
import json
import pathlib
import zipfile

import numpy
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save_file
from torch import nn

here = pathlib.Path(__file__).parent
folder = here / "nets"
folder.mkdir(exist_ok=True)
for old in folder.iterdir():
    old.unlink()

activations = {
    "relu": nn.ReLU, "leaky-relu": lambda: nn.LeakyReLU(0.2), "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid, "softplus": nn.Softplus, "identity": nn.Identity,
}
spec_of = {name: {"kind": name} for name in activations}
spec_of["leaky-relu"]["slope"] = 0.2

# name, widths, hidden, output, loss, bias, type, format
S, N, P, O = "safetensors", "npz", "pytorch", "onnx"
f64, f32, f16, bf16 = torch.float64, torch.float32, torch.float16, torch.bfloat16
cases = [
    ([4, 3], "identity", "identity", "mse", True, f64, S),
    ([4, 2], "identity", "sigmoid", "half-sse", False, f64, N),
    ([4, 3], "identity", "identity", "softmax-cross-entropy", True, f64, P),
    ([4, 5, 3], "tanh", "identity", "softmax-cross-entropy", True, f64, O),
    ([4, 5, 3], "sigmoid", "tanh", "mse", False, f64, S),
    ([4, 6, 2], "softplus", "identity", "half-sse", True, f64, P),
    ([4, 5, 3], "leaky-relu", "leaky-relu", "mse", True, f32, N),
    ([4, 5, 4, 3], "leaky-relu", "identity", "softmax-cross-entropy", False, f32, O),
    ([4, 6, 5, 3], "tanh", "softplus", "half-sse", True, f32, S),
    ([4, 5, 5, 2], "relu", "identity", "mse", True, f64, P),
    ([4, 5, 5, 2], "softplus", "identity", "mse", False, f16, S),
    ([4, 4, 4, 3], "sigmoid", "identity", "softmax-cross-entropy", True, bf16, S),
    ([4, 5, 4, 5, 3], "tanh", "sigmoid", "mse", True, f64, O),
    ([4, 4, 4, 4, 2], "relu", "tanh", "half-sse", True, f32, P),
    ([4, 5, 4, 3, 2], "identity", "identity", "half-sse", False, f64, N),
    ([4, 4, 4, 4, 3], "softplus", "identity", "softmax-cross-entropy", False, bf16, P),
    ([4, 5, 4, 4, 3, 2], "tanh", "identity", "mse", True, f64, S),
    ([4, 4, 4, 4, 4, 3], "sigmoid", "identity", "softmax-cross-entropy", True, f32, O),
    ([4, 4, 4, 4, 4, 2], "leaky-relu", "identity", "half-sse", False, f64, N),
    ([4, 5, 5, 5, 5, 3], "softplus", "softplus", "mse", True, f16, P),
]


def network(widths, hidden, output, bias):
    layers = []
    for place, (i, o) in enumerate(zip(widths, widths[1:])):
        layers.append(nn.Linear(i, o, bias=bias))
        layers.append(activations[output if place == len(widths) - 2 else hidden]())
    return nn.Sequential(*layers)


def reference(model, loss, x, y):
    """Loss on all samples and the Hessian by double backward, in float64, in the product's order: W (in × out) then b, layer by layer."""
    names = [name for name, _ in model.named_parameters()]
    shapes = [parameter.shape for _, parameter in model.named_parameters()]

    def value(vector):
        parts, at = {}, 0
        for name, shape in zip(names, shapes):
            count = shape.numel()
            # The product keeps W as in × out.
            part = vector[at:at + count]
            parts[name] = part.reshape(shape[::-1]).T if len(shape) == 2 else part
            at += count
        out = torch.func.functional_call(model, parts, (x,))
        if loss == "mse":
            return nn.functional.mse_loss(out, y)
        if loss == "half-sse":
            return 0.5 * nn.functional.mse_loss(out, y, reduction="sum")
        return nn.functional.cross_entropy(out, y)

    start = torch.cat([(p.T if p.dim() == 2 else p).reshape(-1) for p in model.parameters()]).detach()
    hessian = torch.autograd.functional.hessian(value, start)
    return value(start).item(), ((hessian + hessian.T) / 2).numpy()


def write_onnx(path, model, hidden, output, loss, x, case):
    """By torch's own exporter where that can be used, else node by node: MatMul + Add, and Gemm with alpha, beta and transB."""
    if case in (7, 12):
        buffer = io.BytesIO()
        torch.onnx.export(model, (x[:1],), buffer, dynamo=False, opset_version=17, input_names=["x"], output_names=["y"])
        path.write_bytes(buffer.getvalue())
        return
    operators = {"relu": "Relu", "leaky-relu": "LeakyRelu", "tanh": "Tanh", "sigmoid": "Sigmoid", "softplus": "Softplus", "identity": "Identity"}
    kind = TensorProto.DOUBLE if x.dtype == f64 else TensorProto.FLOAT
    nodes, weights, at = [], [], "x"
    linears = [layer for layer in model if isinstance(layer, nn.Linear)]
    for place, layer in enumerate(linears):
        w, b = layer.weight.detach().numpy(), None if layer.bias is None else layer.bias.detach().numpy()
        if place % 2 == 0:
            weights.append(numpy_helper.from_array(w.T.copy(), f"w{place}"))
            nodes.append(helper.make_node("MatMul", [at, f"w{place}"], [f"m{place}"]))
            at = f"m{place}"
            if b is not None:
                weights.append(numpy_helper.from_array(b, f"b{place}"))
                nodes.append(helper.make_node("Add", [f"b{place}", at], [f"a{place}"]))
                at = f"a{place}"
        else:
            # Powers of two: scaling is exact.
            weights.append(numpy_helper.from_array(w / 2, f"w{place}"))
            inputs = [at, f"w{place}"]
            if b is not None:
                weights.append(numpy_helper.from_array(b * 4, f"b{place}"))
                inputs.append(f"b{place}")
            nodes.append(helper.make_node("Gemm", inputs, [f"m{place}"], transB=1, alpha=2.0, beta=0.25))
            at = f"m{place}"
        kind_here = output if place == len(linears) - 1 else hidden
        attributes = {"alpha": 0.2} if kind_here == "leaky-relu" else {}
        nodes.append(helper.make_node(operators[kind_here], [at], [f"h{place}"], **attributes))
        at = f"h{place}"
    if loss == "softmax-cross-entropy":
        nodes.append(helper.make_node("Softmax", [at], ["p"], axis=-1))
        at = "p"
    value = helper.make_tensor_value_info
    graph = helper.make_graph(nodes, "net", [value("x", kind, ["n", x.shape[1]])], [value(at, kind, ["n", linears[-1].out_features])], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)


def save(path, model, how, *rest):
    state = model.state_dict()
    if how == S:
        save_file(state, path)
    elif how == P:
        torch.save(state, path)
        repack(path)
    elif how == N:
        numpy.savez(path, **{name: value.numpy() for name, value in state.items()})
    else:
        write_onnx(path, model, *rest)


def repack(path):
    """The same archive without the padding that makes a small file large."""
    with zipfile.ZipFile(path) as archive:
        entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name), data)


endings = {S: "safetensors", N: "npz", P: "pt", O: "onnx"}
rows, hessians = [], {}
for case, (widths, hidden, output, loss, bias, kind, how) in enumerate(cases):
    torch.manual_seed(case)
    model = network(widths, hidden, output, bias).to(kind)
    x = torch.randn(30, 4, dtype=f64)
    classes = torch.randint(0, widths[-1], (30,))
    classes[: widths[-1]] = torch.arange(widths[-1])
    values = torch.randn(30, widths[-1], dtype=f64)
    entropy = loss == "softmax-cross-entropy"
    name = f"net-{case + 1:02}"
    file = f"{name}.{endings[how]}"
    save(folder / file, model, how, hidden, output, loss, x.to(kind), case)
    numpy.savez(folder / f"{name}.data.npz", x=x.numpy(), y=(classes if entropy else values).numpy())
    found, hessian = reference(model.double(), loss, x, classes if entropy else values)
    hessians[name] = hessian[numpy.triu_indices(len(hessian))]
    rows.append({
        "file": file, "data": f"{name}.data.npz", "widths": widths, "activation": spec_of[hidden] if len(widths) > 2 else None,
        "outputActivation": spec_of[output], "loss": loss, "bias": bias, "expected": found, "parameters": len(hessian),
    })
# Upper triangles, row by row.
numpy.savez_compressed(here / "hessians.npz", **hessians)
versions = {"torch": torch.__version__, "numpy": numpy.__version__, "onnx": onnx.__version__}
(here / "nets.json").write_text(json.dumps({"versions": versions, "nets": rows}, indent=1) + "\n")

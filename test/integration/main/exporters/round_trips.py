"""Loads exports with the libraries they are made for and compares each with the dense safetensors file.

Usage: round_trips.py FOLDER. Every sub-folder is a case: samples.npy, logits.npy (ours), and a file per format.
Prints {case: {what: largest difference}} as JSON.
"""

import json
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import scipy.io
import scipy.sparse
import torch
import torch.nn.functional as F
from safetensors import safe_open
from torch import nn

torch.set_num_threads(1)
torch.set_grad_enabled(False)


def read_safetensors(path):
    with safe_open(path, framework="pt") as f:
        return f.metadata(), {name: f.get_tensor(name) for name in f.keys()}


def torch_logits(graph, state, samples):
    """The network that the metadata describe, in PyTorch's functions."""
    x = normalize(graph, samples)
    outputs = {"input": x}
    for node in graph["nodes"]:
        op, name = node["op"], node["name"]
        x, *others = (outputs[i] for i in node["inputs"])
        weight, bias = state.get(f"{name}.weight"), state.get(f"{name}.bias")
        match op["kind"]:
            case "linear":
                x = F.linear(x.flatten(1), weight, bias)
            case "conv2d":
                x = F.conv2d(x, weight, bias, op["stride"], op["padding"])
            case "batchNorm":
                mean, variance = state[f"{name}.running_mean"], state[f"{name}.running_var"]
                x = F.batch_norm(x, mean, variance, weight, bias, eps=op["epsilon"])
            case "relu":
                x = F.relu(x)
            case "maxPool":
                x = F.max_pool2d(x, op["kernel"], op["stride"], op["padding"])
            case "globalAvgPool":
                x = x.mean((2, 3))
            case "flatten":
                x = x.flatten(1)
            case "add":
                x = x + others[0]
            case "shortcut":
                x = x[:, :, :: op["stride"], :: op["stride"]]
                x = F.pad(x, (0, 0, 0, 0, 0, op["outputs"] - x.shape[1]))
            case kind:
                raise ValueError(kind)
        outputs[name] = x
    return x.numpy()


def normalize(graph, samples):
    scale, shift = (torch.tensor(graph["input"][key]).view(-1, 1, 1) for key in ("scale", "shift"))
    return (torch.from_numpy(samples) * scale + shift).float()


def module_logits(graph, state, samples):
    """A chain of modules under the same names takes the file as its state dict."""
    modules = OrderedDict()
    channels = graph["input"]["shape"][0]
    for node in graph["nodes"]:
        op, weight = node["op"], state.get(f"{node['name']}.weight")
        match op["kind"]:
            case "linear":
                module = nn.Linear(weight.shape[1], op["outputs"])
            case "conv2d":
                module = nn.Conv2d(channels, op["outputs"], op["kernel"], op["stride"], op["padding"], bias=op["bias"])
                channels = op["outputs"]
            case "batchNorm":
                module = nn.BatchNorm2d(channels, eps=op["epsilon"])
            case "relu":
                module = nn.ReLU()
            case "maxPool":
                module = nn.MaxPool2d(op["kernel"], op["stride"], op["padding"])
            case "flatten":
                module = nn.Flatten()
        modules[node["name"]] = module
    network = nn.Sequential(modules).eval()
    missing, unexpected = network.load_state_dict(state, strict=False)
    assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing), (missing, unexpected)
    return network(normalize(graph, samples)).numpy()


def onnx_logits(path, samples, full_check):
    onnx.checker.check_model(path, full_check=full_check)
    saved = f"{path}.saved"
    onnx.save(onnx.load(path), saved)
    onnx.checker.check_model(saved, full_check=full_check)
    first, second = (run_onnx(p, samples) for p in (path, saved))
    assert np.array_equal(first, second), "saved again by onnx, the network computes something else"
    alone = run_onnx(path, samples[:1])
    assert alone.shape == (1, first.shape[1]) and np.abs(alone - first[:1]).max() < 1e-4
    return first


def run_onnx(path, samples):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(["logits"], {"input": samples})[0]


def read_csr(path):
    metadata, raw = read_safetensors(path)
    tensors = {}
    for name, tensor in raw.items():
        layer, _, part = name.rpartition(".")
        if f"{layer}.shape" not in metadata:
            tensors[name] = tensor
        elif part == "crow_indices":
            rows, *rest = json.loads(metadata[f"{layer}.shape"])
            parts = (tensor, raw[f"{layer}.col_indices"], raw[f"{layer}.values"])
            matrix = torch.sparse_csr_tensor(*parts, size=(rows, int(np.prod(rest))), check_invariants=True)
            tensors[layer] = matrix.to_dense()
    return {name: tensor.numpy() for name, tensor in tensors.items()}


def read_condensed(path):
    metadata, raw = read_safetensors(path)
    tensors = {}
    for name, tensor in raw.items():
        layer, _, part = name.rpartition(".")
        if f"{layer}.shape" not in metadata:
            tensors[name] = tensor
        elif part == "values":
            rows, *rest = json.loads(metadata[f"{layer}.shape"])
            columns = raw[f"{layer}.indices"].long()
            tensors[layer] = torch.zeros(rows, int(np.prod(rest))).scatter_add_(1, columns, tensor)
    return {name: tensor.numpy() for name, tensor in tensors.items()}


def read_scipy(path):
    archive = zipfile.ZipFile(path)
    tensors = dict(np.load(archive.open("dense.npz")))
    for name in archive.namelist():
        if name.endswith(".npz") and name != "dense.npz":
            matrix = scipy.sparse.load_npz(archive.open(name))
            assert matrix.format == "csr" and matrix.has_sorted_indices
            tensors[name.removesuffix(".npz")] = matrix
    return tensors


def scipy_logits(graph, tensors, samples):
    """A multilayer perceptron with sparse matrices."""
    x = normalize(graph, samples).numpy().reshape(len(samples), -1)
    for node in graph["nodes"]:
        name = node["name"]
        if node["op"]["kind"] == "linear":
            x = tensors[f"{name}.weight"] @ x.T
            x = x.T + tensors[f"{name}.bias"]
        elif node["op"]["kind"] == "relu":
            x = np.maximum(x, 0)
    return x


def read_matrix_market(path):
    archive = zipfile.ZipFile(path)
    names = [name for name in archive.namelist() if name.endswith(".mtx")]
    return {name.removesuffix(".mtx"): scipy.io.mmread(archive.open(name)).astype(np.float32) for name in names}


def read_npz(path):
    with np.load(path) as archive:
        assert json.loads(archive["metadata.json"])["producer"] == "Filigree"
        return {name: archive[name] for name in archive.files if name != "metadata.json"}


def difference(a, b):
    return float(np.abs(a - b).max())


def tensors_difference(found, state):
    if found.keys() != state.keys():
        return float("inf")
    dense = {name: t.toarray() if scipy.sparse.issparse(t) else t for name, t in found.items()}
    return max(difference(dense[name].reshape(t.shape), t.numpy()) for name, t in state.items())


def masks_difference(masks, state):
    assert all(mask.dtype == bool and mask.shape == state[name].shape for name, mask in masks.items())
    return max(difference(mask.astype(np.float32), (state[name] != 0).numpy()) for name, mask in masks.items())


def compare(case):
    samples, logits = np.load(case / "samples.npy"), np.load(case / "logits.npy")
    file = lambda name: str(case / name)
    metadata, state = read_safetensors(file("safetensors"))
    graph = json.loads(metadata["graph"])
    scipy_tensors = read_scipy(file("scipy-csr"))
    found = {
        "torch": difference(torch_logits(graph, state, samples), logits),
        "onnx": difference(onnx_logits(file("onnx"), samples, True), logits),
        "onnx folded": difference(onnx_logits(file("onnx-folded"), samples, True), logits),
        # The checker's types do not let a sparse initializer be an operator's input; onnxruntime's do.
        "onnx compact": difference(onnx_logits(file("onnx-sparse"), samples, False), logits),
        "safetensors-csr": tensors_difference(read_csr(file("safetensors-csr")), state),
        "condensed": tensors_difference(read_condensed(file("condensed")), state),
        "npz": tensors_difference(read_npz(file("npz")), state),
        "scipy": tensors_difference(scipy_tensors, state),
        "matrix-market": tensors_difference(read_matrix_market(file("matrix-market")), state),
        "masks": masks_difference(read_npz(file("masks")), state),
    }
    kinds = {node["op"]["kind"] for node in graph["nodes"]}
    if not kinds & {"add", "globalAvgPool"}:
        found["state dict"] = difference(module_logits(graph, state, samples), logits)
    if not kinds & {"conv2d"}:
        found["scipy logits"] = difference(scipy_logits(graph, scipy_tensors, samples), logits)
    return found


folder = Path(sys.argv[1])
print(json.dumps({case.name: compare(case) for case in sorted(folder.iterdir())}))

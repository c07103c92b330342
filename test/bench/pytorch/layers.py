"""Median time of forward + backward (input and weight gradients) of single dense layers in PyTorch eager, as JSON.

Usage: layers.py THREADS ROUNDS SPEC ...     SPEC is linear:IN:OUT:BATCH or conv:IN:OUT:KERNEL:STRIDE:SIZE:BATCH
"""
import json
import statistics
import sys
import time

import torch
from torch import nn


def layer_ms(spec, rounds):
    kind, *numbers = spec.split(":")
    n = [int(v) for v in numbers]
    torch.manual_seed(0)
    if kind == "linear":
        layer, x = nn.Linear(n[0], n[1]), torch.randn(n[2], n[0])
    else:
        layer = nn.Conv2d(n[0], n[1], n[2], n[3], n[2] // 2)
        x = torch.randn(n[5], n[0], n[4], n[4])
    x.requires_grad_()
    dy = torch.randn_like(layer(x))
    times = []
    for i in range(rounds + 5):
        x.grad = None
        layer.zero_grad()
        start = time.perf_counter()
        layer(x).backward(dy)
        if i >= 5:
            times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


torch.set_num_threads(int(sys.argv[1]))
rounds = int(sys.argv[2])
print(json.dumps({"version": torch.__version__, "ms": {spec: layer_ms(spec, rounds) for spec in sys.argv[3:]}}))

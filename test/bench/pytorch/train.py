"""Dense SGD in PyTorch eager on idx images: wall time and last-epoch test accuracy, as JSON on stdout.

Usage: train.py THREADS FOLDER EPOCHS LEARNING_RATE SEED WIDTHS     (FOLDER holds the four *-ubyte.gz files)
Batch 128, last partial batch dropped, cosine learning rate per step, inputs normalised once before the clock starts.
"""
import gzip
import json
import math
import os
import struct
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


def idx(folder, name):
    with gzip.open(os.path.join(folder, name)) as f:
        data = f.read()
    rank = data[3]
    shape = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
    return torch.frombuffer(bytearray(data[4 + 4 * rank :]), dtype=torch.uint8).reshape(shape)


threads, folder, epochs, lr, seed = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])
widths = [int(w) for w in sys.argv[6].split(",")]
torch.set_num_threads(threads)
torch.manual_seed(seed)
x, y = idx(folder, "train-images-idx3-ubyte.gz").float().flatten(1), idx(folder, "train-labels-idx1-ubyte.gz").long()
tx, ty = idx(folder, "t10k-images-idx3-ubyte.gz").float().flatten(1), idx(folder, "t10k-labels-idx1-ubyte.gz").long()
mean, std = x.mean(), x.std()
x, tx = (x - mean) / std, (tx - mean) / std
layers = []
for a, b in zip((784, *widths), widths):
    layers += [nn.Linear(a, b), nn.ReLU()]
net = nn.Sequential(*layers, nn.Linear(widths[-1], 10))
optimizer = torch.optim.SGD(net.parameters(), lr=lr)
steps = len(x) // 128
total = steps * epochs
start = time.perf_counter()
for epoch in range(epochs):
    order = torch.randperm(len(x))
    for i in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = lr / 2 * (1 + math.cos(math.pi * (epoch * steps + i) / total))
        batch = order[i * 128 : (i + 1) * 128]
        optimizer.zero_grad()
        F.cross_entropy(net(x[batch]), y[batch]).backward()
        optimizer.step()
seconds = time.perf_counter() - start
with torch.no_grad():
    accuracy = (net(tx).argmax(1) == ty).float().mean().item()
print(json.dumps({"version": torch.__version__, "seconds": seconds, "accuracy": accuracy}))

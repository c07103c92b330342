"""Median time of a whole dense training step in PyTorch eager (forward, backward, SGD), as JSON on stdout.

Usage: steps.py THREADS ROUNDS NETWORK:BATCH ...   (networks: mlp-300-100, mlp-200-80, resnet20)
"""
import json
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.stride, self.extra = stride, outputs - inputs

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.stride != 1 or self.extra:
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.extra))
        return F.relu(x + y)


def resnet20():
    layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    inputs = 16
    for outputs, first in ((16, 1), (32, 2), (64, 2)):
        for i in range(3):
            layers.append(Block(inputs, outputs, first if i == 0 else 1))
            inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)), (3, 32, 32)


def mlp(*widths):
    layers = []
    for a, b in zip((784, *widths), widths):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(widths[-1], 10)), (784,)


networks = {"mlp-300-100": lambda: mlp(300, 100), "mlp-200-80": lambda: mlp(200, 80), "resnet20": resnet20}


def step_ms(name, batch, rounds):
    torch.manual_seed(0)
    net, shape = networks[name]()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    x, y = torch.randn(batch, *shape), torch.randint(0, 10, (batch,))
    times = []
    warm_up = max(3, rounds // 10)
    for i in range(rounds + warm_up):
        start = time.perf_counter()
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        loss.item()
        if i >= warm_up:
            times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


threads, rounds = int(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)
result = {}
for spec in sys.argv[3:]:
    name, batch = spec.split(":")
    result[spec] = step_ms(name, int(batch), rounds)
print(json.dumps({"version": torch.__version__, "ms": result}))

"""Median time of a whole dense training step in PyTorch eager (forward, backward, SGD), as JSON on stdout.

Usage: steps.py THREADS ROUNDS NETWORK:BATCH ...
       steps.py THREADS serve NETWORK:BATCH     answers every line "steps N" with the median of N steps
(networks: mlp-300-100, mlp-200-80, lenet5, resnet20, resnet18)
"""
import json
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    """Basic block; where the shape changes the input is padded with zeros (option A) or projected (option B)."""

    def __init__(self, inputs, outputs, stride, projection=False):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.stride, self.extra = stride, outputs - inputs
        self.project = None
        if projection and (stride != 1 or self.extra):
            self.project = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.project is not None:
            x = self.project(x)
        elif self.stride != 1 or self.extra:
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.extra))
        return F.relu(x + y)


def residual(widths, blocks, projection):
    layers = [nn.Conv2d(3, widths[0], 3, 1, 1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()]
    inputs = widths[0]
    for stage, outputs in enumerate(widths):
        for i in range(blocks):
            layers.append(Block(inputs, outputs, 2 if stage > 0 and i == 0 else 1, projection))
            inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 10)), (3, 32, 32)


def lenet5():
    features = [nn.Conv2d(1, 6, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)]
    head = [nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)]
    return nn.Sequential(*features, nn.Flatten(), *head), (1, 28, 28)


def mlp(*widths):
    layers = []
    for a, b in zip((784, *widths), widths):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(widths[-1], 10)), (784,)


networks = {
    "mlp-300-100": lambda: mlp(300, 100),
    "mlp-200-80": lambda: mlp(200, 80),
    "lenet5": lenet5,
    "resnet20": lambda: residual((16, 32, 64), 3, False),
    "resnet18": lambda: residual((64, 128, 256, 512), 2, True),
}


class Training:
    """One network and a batch of noise."""

    def __init__(self, spec):
        name, batch = spec.split(":")
        torch.manual_seed(0)
        self.net, shape = networks[name]()
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.01)
        self.x, self.y = torch.randn(int(batch), *shape), torch.randint(0, 10, (int(batch),))

    def step_ms(self, steps, warm_up):
        times = []
        for i in range(steps + warm_up):
            start = time.perf_counter()
            self.optimizer.zero_grad()
            loss = F.cross_entropy(self.net(self.x), self.y)
            loss.backward()
            self.optimizer.step()
            loss.item()
            if i >= warm_up:
                times.append(1000 * (time.perf_counter() - start))
        return statistics.median(times)


torch.set_num_threads(int(sys.argv[1]))
if sys.argv[2] == "serve":
    training = Training(sys.argv[3])
    training.step_ms(3, 1)
    print(json.dumps({"version": torch.__version__}), flush=True)
    for line in sys.stdin:
        steps = int(line.split()[1])
        print(training.step_ms(steps, -(-steps // 8)), flush=True)
else:
    rounds = int(sys.argv[2])
    result = {spec: Training(spec).step_ms(rounds, max(3, rounds // 10)) for spec in sys.argv[3:]}
    print(json.dumps({"version": torch.__version__, "ms": result}))

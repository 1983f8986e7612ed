"""The acoustic network in PyTorch: the TDNN-F of Vosk's small models, from and to nnet3.

Source: D. Povey et al., "Semi-orthogonal low-rank matrix factorization for deep neural networks",
Interspeech 2018. 14 factored layers of 768 units; frames three apart from the third layer on; batch
normalisation is the backbone's and stays as it is. Its bottlenecks are too narrow to tell voices
from noise; they are widened so that at first nothing changes (T. Chen, I. Goodfellow, J. Shlens,
"Net2Net: Accelerating learning via knowledge transfer", ICLR 2016).
"""

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from training.nnet3 import AcousticModel, Component
from training.topology import Topology

CONTEXT = 34
"""Frames that the network sees on either side of the one it judges."""
SUBSAMPLING = 3
NARROW = 64
"""Units of the backbone's bottlenecks."""
_WIDTH, _SPLICED, _INPUT = 768, 220, 120
_STRIDES = (1, 1, 1, 0, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3)
"""Frames between the two inputs of each half of a layer, 0 for one input."""
_SUBSAMPLED_FROM = 2
_BYPASS = 0.66
_EPSILON = 1e-3
_SEED = 5
Tensor = Any
"""torch.Tensor; the library has no types here."""


class _Norm(nn.Module):
    """Batch normalisation with statistics that do not change."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("variance", torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean) * (self.variance + _EPSILON).rsqrt()


class _Factored(nn.Module):
    """A weight matrix in two factors, each with its own splice of two frames."""

    def __init__(self, stride: int, bottleneck: int) -> None:
        super().__init__()
        inputs = 2 if stride else 1
        self.stride = stride
        self.linear = nn.Linear(_WIDTH * inputs, bottleneck, bias=False)
        self.affine = nn.Linear(bottleneck * inputs, _WIDTH)
        self.norm = _Norm(_WIDTH)

    def forward(self, x: Tensor, step: int) -> tuple[Tensor, Tensor]:
        """Output before activation, and the input frames that it stands for."""
        k = self.stride // step
        if not k:
            return self.affine(self.linear(x)), x
        hidden = self.linear(torch.cat([x[:, :-k], x[:, k:]], -1))
        return self.affine(torch.cat([hidden[:, :-k], hidden[:, k:]], -1)), x[:, k:-k]

    def subsample(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The same for every third frame only, so that nothing is computed in vain."""
        count = x.shape[1] // SUBSAMPLING
        first, middle, last = (x[:, i::SUBSAMPLING][:, :count] for i in range(SUBSAMPLING))
        early = self.linear(torch.cat([first, middle], -1))
        late = self.linear(torch.cat([middle, last], -1))
        return self.affine(torch.cat([early, late], -1)), middle


class Network(nn.Module):
    """Judges every third frame."""

    def __init__(self, outputs: int, bottleneck: int = NARROW) -> None:
        super().__init__()
        self.bottleneck = bottleneck
        self.splice = nn.Linear(_INPUT, _SPLICED)
        self.first = nn.Linear(_SPLICED, _WIDTH)
        self.first_norm = _Norm(_WIDTH)
        self.layers = nn.ModuleList(_Factored(stride, bottleneck) for stride in _STRIDES)
        self.head_in = nn.Linear(_WIDTH, bottleneck, bias=False)
        self.head_affine = nn.Linear(bottleneck, _WIDTH)
        self.head_norm = _Norm(_WIDTH)
        self.head_out = nn.Linear(_WIDTH, bottleneck, bias=False)
        self.out_norm = _Norm(bottleneck)
        self.output = nn.Linear(bottleneck, outputs)
        self.dropout = 0.0
        self.splice.requires_grad_(False)
        nn.init.normal_(self.output.weight, 0, 0.02)
        nn.init.zeros_(self.output.bias)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, frames + 2 * CONTEXT, 40) to log-likelihoods (batch, frames / 3, outputs)."""
        x = self.splice(torch.cat([x[:, :-2], x[:, 1:-1], x[:, 2:]], -1))
        x = self._dropped(self.first_norm(torch.relu(self.first(x))))
        for number, layer in enumerate(self.layers):
            if number == _SUBSAMPLED_FROM:
                hidden, passed = layer.subsample(x)
            else:
                hidden, passed = layer(x, 1 if number < _SUBSAMPLED_FROM else SUBSAMPLING)
            x = _BYPASS * passed + self._dropped(layer.norm(torch.relu(hidden)))
        x = self.head_norm(torch.relu(self.head_affine(self.head_in(x))))
        return self.output(self.out_norm(self.head_out(x)))

    def _dropped(self, x: Tensor) -> Tensor:
        """Kaldi's continuous dropout, one mask for all frames of an utterance."""
        if not self.training or not self.dropout:
            return x
        mask = 1 + 2 * self.dropout * (
            2 * torch.rand(x.shape[0], 1, x.shape[2], device=x.device) - 1
        )
        return x * mask

    def groups(self) -> dict[str, list[Any]]:
        """Parameters by how fast they may move: the head is new, low layers know most already."""
        head = ("head", "output")
        low = ("first", *(f"layers.{i}." for i in range(5)))
        sorted_out: dict[str, list[Any]] = {"head": [], "low": [], "high": []}
        for name, parameter in self.named_parameters():
            if parameter.requires_grad:
                group = (
                    "head" if name.startswith(head) else "low" if name.startswith(low) else "high"
                )
                sorted_out[group].append(parameter)
        return sorted_out


def widened(network: Network, bottleneck: int) -> Network:
    """The same function with bottlenecks of so many units: nothing reads the new ones yet.

    They are always the same ones, so that a network and what was trained from it can be averaged.
    """
    wide = Network(network.output.out_features, bottleneck)
    dice = torch.Generator().manual_seed(_SEED)
    places = wide.state_dict()  # shares its memory with the network
    for name, old in network.state_dict().items():
        new = places[name]
        if old.shape == new.shape:
            new.copy_(old)
        elif old.dim() == 1:
            new.fill_(float(old.mean()))
            new[: len(old)] = old
        elif len(old) < len(new):
            nn.init.normal_(new, 0, float(old.std()), dice)
            new[: len(old)] = old
        else:
            new.zero_()
            spliced = new.view(len(new), -1, bottleneck)
            spliced[..., : network.bottleneck] = old.view(len(old), -1, network.bottleneck)
    return wide


def _places(network: Network) -> list[tuple[str, str, Any]]:
    """Each parameter's component and field in nnet3, but for the splice and the output layer."""
    n = network
    places = [
        ("tdnn1.affine", "LinearParams", n.first.weight),
        ("tdnn1.affine", "BiasParams", n.first.bias),
        ("prefinal-l", "Params", n.head_in.weight),
        ("prefinal-chain.affine", "LinearParams", n.head_affine.weight),
        ("prefinal-chain.affine", "BiasParams", n.head_affine.bias),
        ("prefinal-chain.linear", "Params", n.head_out.weight),
    ]
    norms = [
        ("tdnn1.batchnorm", n.first_norm),
        ("prefinal-chain.batchnorm1", n.head_norm),
        ("prefinal-chain.batchnorm2", n.out_norm),
    ]
    for number, layer in enumerate(n.layers, 2):
        places += [
            (f"tdnnf{number}.linear", "LinearParams", layer.linear.weight),
            (f"tdnnf{number}.affine", "LinearParams", layer.affine.weight),
            (f"tdnnf{number}.affine", "BiasParams", layer.affine.bias),
        ]
        norms.append((f"tdnnf{number}.batchnorm", layer.norm))
    for name, norm in norms:
        places += [(name, "StatsMean", norm.mean), (name, "StatsVar", norm.variance)]
    return places


def bottleneck_of(model: AcousticModel) -> int:
    """Units of a model's bottlenecks."""
    return len(model.components["prefinal-l"]["Params"])


def load_output(network: Network, model: AcousticModel, old: Topology, new: Topology) -> None:
    """Take the output layer of a model of another topology: each state begins as its phone's.

    ``old`` is the model's topology, ``new`` the network's, which may look at more of what precedes.
    """
    rows = np.zeros(new.outputs, np.int64)
    for phone in new.phones:
        for before in new.phones:
            for here, there in zip(
                new.states(phone, before), old.states(phone, before), strict=True
            ):
                rows[here] = there
    layer = model.components["output.affine"]
    with torch.no_grad():
        network.output.weight.copy_(_tensor(layer["LinearParams"][rows]))
        network.output.bias.copy_(_tensor(layer["BiasParams"][rows]))


def load_weights(network: Network, model: AcousticModel, *, output: bool = False) -> None:
    """Take a model's weights; those of the output layer only where ``output`` says so.

    An i-vector at the input is taken to be zero: its columns of the splice fall away.
    """
    components = model.components
    with torch.no_grad():
        for name, field, parameter in _places(network):
            parameter.copy_(_tensor(components[name][field]))
        network.splice.weight.copy_(_tensor(components["lda"]["LinearParams"][:, :_INPUT]))
        network.splice.bias.copy_(_tensor(components["lda"]["BiasParams"]))
        if output:
            network.output.weight.copy_(_tensor(components["output.affine"]["LinearParams"]))
            network.output.bias.copy_(_tensor(components["output.affine"]["BiasParams"]))


def to_model(network: Network, like: AcousticModel, topology: Topology | None) -> AcousticModel:
    """The network as an nnet3 model without i-vector and without the cross-entropy branch.

    ``like`` gives the layout; ``topology`` the transition model, None to keep that of ``like``.
    """
    components = {name: c for name, c in like.components.items() if "xent" not in name}
    for name, field, parameter in _places(network):
        components[name] = _with(components[name], field, parameter)
    norm, size = "prefinal-chain.batchnorm2", network.bottleneck
    components[norm] = components[norm].having(Dim=size, BlockDim=size)
    layers = (("lda", network.splice), ("output.affine", network.output))
    for name, layer in layers:
        components[name] = _with(components[name], "LinearParams", layer.weight)
        components[name] = _with(components[name], "BiasParams", layer.bias)
    lines = [
        line.replace(", ReplaceIndex(ivector, t, 0)", "")
        for line in like.config.split("\n")
        if "xent" not in line and "name=ivector" not in line
    ]
    transitions = topology.transition_model() if topology else like.transitions
    return replace(like, transitions=transitions, config="\n".join(lines), components=components)


def _tensor(values: Any) -> Tensor:  # noqa: ANN401  # what a Component holds
    return torch.from_numpy(np.ascontiguousarray(values, np.float32))


def _with(component: Component, field: str, parameter: Tensor) -> Component:
    return component.having(**{field: parameter.detach().cpu().float().numpy()})

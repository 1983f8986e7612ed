"""Kaldi's nnet3 acoustic models (``final.mdl``), read and written byte for byte.

Source: Kaldi's ``nnet3/am-nnet-simple.cc``, ``nnet-nnet.cc`` and the ``Write`` functions of
``nnet-simple-component.cc`` and ``nnet-normalize-component.cc``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from training.kaldi_io import BINARY_MARK, Reader, Writer

_KINDS = {
    "number": """<LearningRateFactor> <LearningRate> <MaxChange> <L2Regularize> <Alpha>
        <OrthonormalConstraint> <NumSamplesHistory> <NumMinibatchesHistory> <Epsilon> <TargetRms>
        <Count> <OderivCount> <NumDimsSelfRepaired> <NumDimsProcessed> <SelfRepairLowerThreshold>
        <SelfRepairUpperThreshold> <SelfRepairScale> <DropoutProportion> <Scale> <BackpropScale>""",
    "integer": "<RankIn> <RankOut> <Rank> <UpdatePeriod> <Dim> <BlockDim> <TimePeriod>",
    "truth": "<IsGradient> <UseNaturalGradient> <TestMode> <DropoutPerFrame>",
    "vector": "<BiasParams> <Bias> <StatsMean> <StatsVar> <ValueAvg> <DerivAvg> <OderivRms>",
    "matrix": "<LinearParams> <Params>",
    "integers": "<TimeOffsets>",
    "integer pair": "<RankInOut>",
    "number pair": "<AlphaInOut>",
    "nothing": "<Continuous>",
}
_KIND_OF = {field: kind for kind, fields in _KINDS.items() for field in fields.split()}


@dataclass(frozen=True)
class Component:
    """One component: its type and its fields in the order of the file."""

    type: str
    fields: tuple[tuple[str, Any], ...]

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  # numbers, vectors and matrices
        return dict(self.fields)[f"<{name}>"]

    def having(self, **values: Any) -> "Component":  # noqa: ANN401
        """The component with other values in some fields."""
        new = tuple((name, values.get(name[1:-1], value)) for name, value in self.fields)
        return replace(self, fields=new)


@dataclass(frozen=True)
class AcousticModel:
    """A whole ``final.mdl``: transition model (bytes), network, context in frames, priors."""

    transitions: bytes
    config: str
    components: dict[str, Component]
    left_context: int
    right_context: int
    priors: Any


def read_model(path: Path) -> AcousticModel:
    """Read a binary ``final.mdl``.

    Raises:
        ValueError: it is none, or holds a component that is not known here.
    """
    data = path.read_bytes()
    if not data.startswith(BINARY_MARK):
        raise ValueError(f"{path} is no binary Kaldi model")
    start = data.index(b"<Nnet3> ")
    reader = Reader(data, start)
    reader.expect("<Nnet3>")
    end = data.index(b"<NumComponents> ", start)
    config = data[reader.position : end].decode()
    reader.position = end
    reader.expect("<NumComponents>")
    components = {}
    for _ in range(reader.integer()):
        reader.expect("<ComponentName>")
        name = reader.token()
        components[name] = _read_component(reader)
    reader.expect("</Nnet3>", "<LeftContext>")
    left = reader.integer()
    reader.expect("<RightContext>")
    right = reader.integer()
    reader.expect("<Priors>")
    return AcousticModel(data[2:start], config, components, left, right, reader.vector())


def model_bytes(model: AcousticModel, *, compact: bool = False) -> bytes:
    """The file of a model; a ``compact`` one has its matrices at 16 bits."""
    out = Writer()
    out.raw(BINARY_MARK + model.transitions)
    out.token("<Nnet3>")
    out.raw(model.config.encode())
    out.token("<NumComponents>")
    out.integer(len(model.components))
    for name, component in model.components.items():
        out.token("<ComponentName>", name)
        _write_component(out, component, compact)
    out.token("</Nnet3>", "<LeftContext>")
    out.integer(model.left_context)
    out.token("<RightContext>")
    out.integer(model.right_context)
    out.token("<Priors>")
    out.vector(model.priors)
    return out.data


def _read_component(reader: Reader) -> Component:
    kind = reader.token()
    fields = []
    while (name := reader.token()) != f"</{kind[1:]}":
        if name not in _KIND_OF:
            raise ValueError(f"unknown field {name} in {kind}")
        read: dict[str, Callable[[], Any]] = {
            "number": reader.number,
            "integer": reader.integer,
            "truth": reader.truth,
            "vector": reader.vector,
            "matrix": reader.matrix,
            "integers": reader.integers,
            "integer pair": lambda: (reader.integer(), reader.integer()),
            "number pair": lambda: (reader.number(), reader.number()),
            "nothing": lambda: None,
        }
        fields.append((name, read[_KIND_OF[name]]()))
    return Component(kind, tuple(fields))


def _write_component(out: Writer, component: Component, compact: bool) -> None:
    write: dict[str, Callable[[Any], None]] = {
        "number": out.number,
        "integer": out.integer,
        "truth": out.truth,
        "vector": out.vector,
        "matrix": out.compact_matrix if compact else out.matrix,
        "integers": out.integers,
        "integer pair": lambda pair: out.integer(*pair),
        "number pair": lambda pair: out.number(*pair),
        "nothing": lambda _: None,
    }
    out.token(component.type)
    for name, value in component.fields:
        out.token(name)
        write[_KIND_OF[name]](value)
    out.token(f"</{component.type[1:]}")

"""The training loop: LF-MMI from a backbone, held near it, resumable at any moment.

Sources: X. Li, Y. Grandvalet, F. Davoine, "Explicit inductive bias for transfer learning with
convolutional networks", ICML 2018 (L2-SP: weights are pulled towards where they started);
B. Polyak, A. Juditsky, "Acceleration of stochastic approximation by averaging", 1992 (the average
of the weights is what is kept).
"""

import csv
import logging
import math
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader

from errors import SpeechModelError
from training.batches import Batch, Batches
from training.lfmmi import DenominatorTensors, lfmmi_loss
from training.network import Network

_LOG = logging.getLogger(__name__)
Tensor = Any
_WARM_UP = 30
_ADAM = (0.9, 0.98)
_CLIP = 5.0
_AHEAD = 8
"""Batches that are made before they are needed; they lie in shared memory, which may be small."""
_OUTPUT_PENALTY = 5e-4
"""Kaldi's l2 regularisation of the output, which LF-MMI leaves free to drift."""


@dataclass(frozen=True)
class TrainingSettings:
    """How long and how fast; rates are those at the top of a half cosine."""

    minutes: float = 60.0
    """Time for all runs together; the rates reach zero at its end."""
    steps: int = 4000
    """Or this many steps, whichever is reached first."""
    head_only: int = 60
    """Steps in which only new layers learn, so that they do not spoil the others."""
    head_rate: float = 1.5e-3
    high_rate: float = 4e-4
    low_rate: float = 1.6e-4
    pull: float = 2.0
    """Each step moves weights back by rate times this."""
    average: float = 0.995
    dropout: float = 0.1
    checkpoint_minutes: float = 3.0
    evaluate_steps: int = 200
    device: str = "cpu"
    workers: int = 1
    """Processes that make the batches, which do not depend on their number."""
    seed: int = 1


GOING_ON = TrainingSettings(head_only=0, head_rate=6e-4, high_rate=2.5e-4, low_rate=1e-4, pull=1.0)
"""For a start from a model of ours, which has no new layers and less to learn."""


@dataclass
class Progress:
    """Where a run stands; part of its checkpoint."""

    step: int = 0
    batches: int = 0
    """Those of which nothing could be used are no steps."""
    batch_seconds: float = 0.0
    """Sound in each of them: others are not the ones that would have come."""
    seconds: float = 0.0
    epoch: float = 0.0


def _halves(device: str) -> bool:
    """Whether bfloat16 is faster; a processor without it imitates it, eight times slower."""
    return device != "cpu" or bool(torch.cpu.get_capabilities().get("avx512_bf16"))


class Trainer:
    """Trains a network; ``folder`` holds the checkpoint and the log, and lets a run go on.

    Raises:
        SpeechModelError: the run in ``folder`` was begun from other weights.
    """

    def __init__(
        self,
        network: Network,
        graph: DenominatorTensors,
        development: Mapping[str, Batch],
        folder: Path,
        settings: TrainingSettings,
    ) -> None:
        self.settings, self.folder = settings, folder
        self.network = network.to(settings.device)
        self.graph, self.development = graph, development
        self.groups = network.groups()
        self.rates = {
            "head": settings.head_rate, "high": settings.high_rate, "low": settings.low_rate,
        }  # fmt: skip
        self.anchors = {
            name: [p.detach().clone() for p in self.groups[name]] for name in ("high", "low")
        }
        self.average = {name: v.detach().clone() for name, v in network.state_dict().items()}
        self.optimizer = torch.optim.AdamW(
            [{"params": self.groups[n], "lr": 0.0, "name": n} for n in self.rates],
            weight_decay=0, betas=_ADAM,
        )  # fmt: skip
        self.progress = Progress()
        folder.mkdir(parents=True, exist_ok=True)
        self._resume()

    @property
    def done(self) -> float:
        """Share of the run that is behind us, 0 to 1."""
        by_steps = self.progress.step / self.settings.steps
        return min(1.0, max(by_steps, self.progress.seconds / (60 * self.settings.minutes)))

    def run(self, batches: Batches) -> None:
        """Train to the end; a checkpoint is written every few minutes.

        Raises:
            SpeechModelError: the run was begun with batches of another size.
        """
        begun, now = self.progress.batch_seconds, batches.settings.seconds
        if self.progress.step and begun != now:
            raise SpeechModelError(
                f"In {self.folder} staat een training met stappen van {begun:g} s, niet van "
                f"{now:g} s: ga door met dezelfde --device, of haal die map weg."
            )
        self.progress.batch_seconds = now
        torch.set_flush_denormal(True)
        try:
            self._run(batches)
        finally:
            torch.set_flush_denormal(False)  # or all other sums of this process would do so too

    def _run(self, batches: Batches) -> None:
        torch.manual_seed(self.settings.seed + self.progress.step)
        batches.skip = self.progress.batches
        loader = DataLoader(
            batches,
            batch_size=None,
            num_workers=self.settings.workers,
            prefetch_factor=max(1, _AHEAD // self.settings.workers),
        )
        self.network.train()
        self.network.dropout = self.settings.dropout
        saved = began = time.monotonic()
        losses: list[float] = []
        for batch in loader:
            self.progress.batches += 1
            if batch is None:
                continue
            losses.append(self._step(batch))
            self.progress.epoch = batch.epoch
            now = time.monotonic()
            self.progress.seconds += now - began
            began = now
            if self.progress.step % 25 == 0:
                self._report(losses)
                losses.clear()
            if self.progress.step % self.settings.evaluate_steps == 0 or self.done >= 1:
                self._write("development.csv", {"step": self.progress.step} | self.evaluate())
            if now - saved > 60 * self.settings.checkpoint_minutes or self.done >= 1:
                self.save()
                saved = now
            if self.done >= 1:
                return

    def _step(self, batch: Batch) -> float:
        warm = min(1.0, (self.progress.step + 1) / _WARM_UP)
        pace = warm * max(0.01, 0.5 * (1 + math.cos(math.pi * self.done)))
        for group in self.optimizer.param_groups:
            waits = group["name"] != "head" and self.progress.step < self.settings.head_only
            group["lr"] = 0.0 if waits else self.rates[group["name"]] * pace
        scores = self._scores(batch)
        # The loss runs over many small steps: its gradient is found before the network's.
        free = scores.detach().requires_grad_(True)
        lengths = batch.lengths.to(free.device)
        loss, _ = lfmmi_loss(free, lengths, batch.numerators.to(self.settings.device), self.graph)
        (loss + _OUTPUT_PENALTY * (free**2).mean()).backward()
        self.optimizer.zero_grad()
        scores.backward(free.grad)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), _CLIP)
        self.optimizer.step()
        self._pull_back()
        self.progress.step += 1
        self._update_average()
        return float(loss.detach())

    def _scores(self, batch: Batch) -> Tensor:
        device = self.settings.device
        with torch.autocast(device, torch.bfloat16, enabled=_halves(device)):
            scores = self.network(batch.features.to(device))
        return scores.float()[:, : int(batch.lengths.max())]

    def _pull_back(self) -> None:
        with torch.no_grad():
            for group in self.optimizer.param_groups:
                for parameter, anchor in zip(
                    group["params"], self.anchors.get(group["name"], ()), strict=False
                ):
                    parameter.lerp_(anchor, group["lr"] * self.settings.pull)

    def _update_average(self) -> None:
        step = self.progress.step
        keep = min(self.settings.average, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                self.average[name].lerp_(value, 1 - keep)

    def evaluate(self) -> dict[str, float]:
        """LF-MMI loss of the averaged weights on what was kept back, by source."""
        current = {name: v.clone() for name, v in self.network.state_dict().items()}
        self.network.load_state_dict(self.average)
        self.network.eval()
        found = {}
        with torch.no_grad():
            for name, batch in self.development.items():
                lengths = batch.lengths.to(self.settings.device)
                numerators = batch.numerators.to(self.settings.device)
                loss, _ = lfmmi_loss(self._scores(batch), lengths, numerators, self.graph)
                found[name] = round(float(loss), 4)
        self.network.load_state_dict(current)
        self.network.train()
        _LOG.info("step %d, kept back: %s", self.progress.step, found)
        return found

    def save(self) -> None:
        """Write the checkpoint; a kill in between leaves the old one."""
        path = self.folder / "checkpoint.pt"
        state = {
            "network": self.network.state_dict(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "anchors": self.anchors,
            "progress": asdict(self.progress),
        }
        torch.save(state, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    def _resume(self) -> None:
        path = self.folder / "checkpoint.pt"
        if not path.exists():
            return
        state = torch.load(path, map_location=self.settings.device)
        if not self._began_at(state["anchors"]):
            raise SpeechModelError(
                f"De training in {self.folder} begon bij een ander model: geef dezelfde --start, "
                "kies een andere --cache, of haal die map weg."
            )
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average = state["average"]
        self.progress = Progress(**state["progress"])
        _LOG.info("going on after step %d", self.progress.step)

    def _began_at(self, anchors: Mapping[str, list[Tensor]]) -> bool:
        """Whether these are the weights that this run begins with."""
        return all(
            torch.equal(here, there)
            for name, ours in self.anchors.items()
            for here, there in zip(ours, anchors[name], strict=True)
        )

    def _report(self, losses: list[float]) -> None:
        loss = sum(losses) / len(losses)
        left = self.progress.seconds * (1 / max(self.done, 1e-3) - 1) / 60
        _LOG.info(
            "step %d, pass %.2f, loss %.4f, %.0f %%, %.0f minutes left",
            self.progress.step, self.progress.epoch, loss, 100 * self.done, left,
        )  # fmt: skip
        row = {"step": self.progress.step, "seconds": round(self.progress.seconds), "loss": loss}
        self._write("training.csv", row)

    def _write(self, name: str, row: Mapping[str, float]) -> None:
        path = self.folder / name
        is_new = not path.exists()
        with path.open("a", newline="") as out:
            writer = csv.DictWriter(out, list(row))
            if is_new:
                writer.writeheader()
            writer.writerow(row)

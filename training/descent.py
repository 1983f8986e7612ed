"""How the matcher's small networks learn: AdamW over one cycle of the rate, with clipped steps.

Sources: I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019; L. Smith
and N. Topin, "Super-convergence", 2018.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch

_LOG = logging.getLogger(__name__)

Tensor = Any
"""torch.Tensor; the library has no types here."""


def descend(
    optimizer: Any,  # noqa: ANN401  # torch.optim.Optimizer; the library has no types here
    rates: Sequence[float],
    steps: int,
    passes: Iterable[Iterable[Tensor]],
    most_norm: float,
) -> None:
    """Take a step for every loss.

    Args:
        optimizer: the optimiser.
        rates: the highest rate of each of its groups.
        steps: in all passes together.
        passes: the losses of each; every loss is to be worked out only once the one before it has
            led to a step, as a generator does.
        most_norm: of the gradient; a longer one is made shorter.
    """
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, list(rates), total_steps=steps)
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for number, losses in enumerate(passes, 1):
        found = []
        for loss in losses:
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, most_norm)
            optimizer.step()
            schedule.step()
            found.append(loss.item())
        _LOG.info("pass %d: loss %.3f", number, np.mean(found))

"""Whose settings and speech model count where ``sudo`` runs us: those of whoever typed it."""

import os
import pwd
from collections.abc import Mapping
from pathlib import Path

from settings import default_file
from voice.speech_model import EMBEDDED, SpeechModel, find_model

Environment = Mapping[str, str]


def settings_file(own: Environment) -> Path | None:
    """The settings file where no flag names one."""
    return next(filter(None, map(default_file, _environments(own))), None)


def speech_model(named: Path | None, own: Environment) -> SpeechModel:
    """The model to use; one that somebody installed goes before the embedded one.

    Raises:
        SpeechModelError: a model that is named is missing or damaged.
    """
    found = [find_model(named, environment) for environment in _environments(own)]
    return next((model for model in found if model.path != EMBEDDED), found[0])


def _environments(own: Environment) -> tuple[Environment, ...]:
    """Where to look: in the home of whoever typed ``sudo``, then in our own, which is root's."""
    try:
        home = pwd.getpwnam(own["SUDO_USER"]).pw_dir if os.geteuid() == 0 else None
    except KeyError:  # no sudo, or a user who is gone
        home = None
    return (own,) if home is None else ({**own, "HOME": home}, own)

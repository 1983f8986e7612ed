"""What a person can mend: one base class, each child carrying the sentence that says what to do."""

from collections.abc import Iterable


class SpiertolkError(Exception):
    """Base of all errors that a person can mend.

    ``str(error)`` is one Dutch sentence that says what is wrong and what to do; ``main.py``
    prints it and exits with code 2.
    """

    def __str__(self) -> str:
        """The sentence, on one line: what it quotes from a file may hold any character."""
        return "".join(char if char.isprintable() else "?" for char in super().__str__())


class AudioFileError(SpiertolkError):
    """A sound file that can't be read or written."""


class SoundDeviceError(SpiertolkError):
    """No usable microphone, loudspeaker or sound system."""


class StuckSoundSystemError(SpiertolkError):
    """The sound system never comes back within this process."""


class SpeechModelError(SpiertolkError):
    """No speech model, or one that is damaged or can't be installed."""


class SpeechEngineError(SpiertolkError):
    """The voice that speaks can't be started or has no Dutch."""


class ContentError(SpiertolkError):
    """A content pack (``intents/`` or ``responses/`` data) that does not hold together."""

    def __init__(self, sentence: str, others: Iterable["ContentError"] = ()) -> None:
        super().__init__(sentence)
        self.others = tuple(others)
        """What else is wrong in the same file."""


class SettingsError(SpiertolkError):
    """A settings file, environment variable or flag with a value that can't be used."""


class CountsError(SpiertolkError):
    """A file with counts that can't be opened, or that holds something else."""


class ServiceError(SpiertolkError):
    """The service can't be installed, removed or asked."""


class EvaluationError(SpiertolkError):
    """Recordings or conditions that can't be evaluated."""

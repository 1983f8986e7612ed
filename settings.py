"""All settings in one place: TOML file, then environment (``SPIERTOLK_…``), then flags."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as SourceError

from conversation import ConversationSettings
from counters.settings import CountersSettings, SetPath
from errors import SettingsError
from intents.matcher import MatcherSettings
from responses.profiles import PROFILES, DialogueSettings
from voice.barge_in import BargeInSettings
from voice.microphone import MicrophoneSettings
from voice.recognizer import RecognizerSettings
from voice.speaker import SpeakerSettings

_OF_THE_MACHINE = Path("/etc/spiertolk/settings.toml")

LISTENING = {
    "kiosk": ConversationSettings(attract_seconds=600.0),
    "home": ConversationSettings(listen="phrase"),
    "personal": ConversationSettings(),
}
"""When each profile listens; `PROFILES` has its other manners."""


class Settings(BaseSettings):
    """What can be set; each room describes its own part.

    The environment names a nested value with two underscores:
    ``SPIERTOLK_SPEAKER__VOLUME=0.5``.
    """

    model_config = SettingsConfigDict(
        env_prefix="SPIERTOLK_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
    )
    from_file: ClassVar[dict[str, Any]] = {}

    model: Path | None = Field(None, description="folder of a Vosk model; None: the best there is")
    content: SetPath | None = Field(None, description="folder of a content pack; None: our own")
    microphone: MicrophoneSettings = MicrophoneSettings()
    recognizer: RecognizerSettings = RecognizerSettings()
    matcher: MatcherSettings = MatcherSettings()
    profile: Literal["kiosk", "home", "personal"] = Field("kiosk", description="where it stands")
    dialogue: DialogueSettings = Field(
        default_factory=DialogueSettings, description="what differs from the profile's manners"
    )
    conversation: ConversationSettings = Field(
        default_factory=ConversationSettings, description="the same for when it listens"
    )
    speaker: SpeakerSettings = SpeakerSettings()
    counters: CountersSettings = CountersSettings()
    barge_in: BargeInSettings = BargeInSettings()

    @model_validator(mode="before")
    @classmethod
    def _start_from_profile(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Lay the single settings of two groups over those of the profile."""
        profile = str(values.get("profile", "kiosk"))
        if profile not in PROFILES:
            return values  # pydantic explains what is wrong with it
        groups = {"dialogue": PROFILES[profile], "conversation": LISTENING[profile]}
        for name, manners in groups.items():
            changes = values.get(name, {})
            if isinstance(changes, dict):  # if not, pydantic explains that too
                values = {**values, name: {**manners.model_dump(exclude_unset=True), **changes}}
        return values

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags win over the environment, the environment over the file."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, InitSettingsSource(settings_cls, cls.from_file)


def default_file(environment: Mapping[str, str]) -> Path | None:
    """The settings file when no flag names one: the user's, the machine's, or none at all."""
    files = [_OF_THE_MACHINE]
    with suppress(RuntimeError):  # whoever has no home has no file there
        home = environment.get("HOME") or Path.home()
        base = environment.get("XDG_CONFIG_HOME") or Path(home, ".config")
        files.insert(0, Path(base) / "spiertolk" / "settings.toml")
    return next((file for file in files if file.is_file()), None)


def load_settings(file: Path | None, flags: Mapping[str, Any]) -> Settings:
    """Read the settings.

    Args:
        file: a TOML file that must exist; None takes the user's or the machine's, if any.
        flags: nested values from the command line, which win.

    Raises:
        SettingsError: a file that can't be read, or a value that can't be used.
    """
    found = file or default_file(os.environ)
    document = _read_toml(found) if found else {}

    class FromFile(Settings):
        from_file = document

    try:
        return FromFile(**flags)
    except ValidationError as error:
        first = error.errors()[0]
        named = found if _comes_from(document, first["loc"], flags) else None
        raise SettingsError(_explain(first, named)) from error
    except SourceError as error:  # a variable for a whole group that is no JSON
        name = str(error).split('"')[1]
        raise SettingsError(
            f"De omgevingsvariabele SPIERTOLK_{name.upper()} klopt niet; zet er een losse "
            f"instelling in, zoals {_EXAMPLE}."
        ) from error
    except (ValueError, RecursionError) as error:  # JSON with a huge number, or a list in a list …
        raise SettingsError(
            "Een omgevingsvariabele SPIERTOLK_… bevat een te groot getal of te veel haken in "
            f"elkaar; zet er een losse instelling in, zoals {_EXAMPLE}."
        ) from error


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))  # once: it may be a pipe
    except OSError as error:
        raise SettingsError(
            f"Ik kan de instellingen {file} niet lezen; controleer de naam en de rechten."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"De instellingen {file} zijn geen geldige TOML: {error}.") from error
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits, a list in a list …
        raise SettingsError(
            f"De instellingen {file} bevatten een te groot getal of te veel haken in elkaar; "
            "maak ze eenvoudiger."
        ) from error


_EXAMPLE = "SPIERTOLK_SPEAKER__VOLUME=0.5"
_REASONS = {
    "value_error": "{error}",
    "model_type": "dat is een groep van losse instellingen",
    "extra_forbidden": "die instelling bestaat niet",
    "missing": "die waarde ontbreekt",
    "bool_parsing": "dat moet true of false zijn",
    "bool_type": "dat moet true of false zijn",
    "float_parsing": "dat moet een getal zijn",
    "float_type": "dat moet een getal zijn",
    "int_from_float": "dat moet een heel getal zijn",
    "int_parsing": "dat moet een heel getal zijn",
    "finite_number": "dat moet een gewoon getal zijn",
    "int_parsing_size": "dat getal is te groot",
    "int_type": "dat moet een heel getal zijn",
    "string_type": "dat moet tekst zijn",
    "path_type": "dat moet de naam van een map of bestand zijn",
    "literal_error": "kies uit {expected}",
    "greater_than": "dat moet meer zijn dan {gt}",
    "greater_than_equal": "dat moet minstens {ge} zijn",
    "less_than": "dat moet minder zijn dan {lt}",
    "less_than_equal": "dat mag hoogstens {le} zijn",
}


def _comes_from(document: object, place: Sequence[int | str], flags: Mapping[str, Any]) -> bool:
    """Whether what the file has in that place holds, and no flag or variable is laid over it."""
    over_it = (flags, EnvSettingsSource(Settings)())
    return _stands_in(document, place) and not any(_stands_in(values, place) for values in over_it)


def _stands_in(values: object, place: Sequence[int | str]) -> bool:
    """Whether nested values have something in that place."""
    for name in place:
        if not isinstance(values, Mapping) or name not in values:
            return False
        values = values[name]
    return True


def _explain(mistake: ErrorDetails, file: Path | None) -> str:
    """A mistake, of that file or of a flag or variable, as one Dutch sentence."""
    name = ".".join(str(part) for part in mistake["loc"])
    template = _REASONS.get(mistake["type"], "die waarde past daar niet")
    reason = template.format(**mistake.get("ctx", {})).replace("' or '", "' of '")
    where = f" in {file}" if file else ""
    return f"De instelling '{name}'{where} klopt niet: {reason}."

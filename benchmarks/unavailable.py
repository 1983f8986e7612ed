"""What a benchmark can do without: its tables say so and go on."""


class UnavailableError(Exception):
    """Something that is not on this machine and could not be fetched."""


class PeerUnavailableError(UnavailableError):
    """A peer whose package is not here."""


class PackageUnavailableError(UnavailableError):
    """A Debian package with speech or text."""


class VoicesUnavailableError(UnavailableError):
    """Voices, effects or a recogniser to hear them with."""


class ProgramUnavailableError(UnavailableError):
    """The product itself, where it does not start here."""

"""What a benchmark can do without."""


class PeerUnavailableError(Exception):
    """A peer whose package is not here: the table says so and goes on."""

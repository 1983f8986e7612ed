"""Where spoken answers go when recordings were heard: one WAV file each."""

import re
from pathlib import Path

from errors import AudioFileError
from responses.reply import Reply
from voice.audio import write_wav
from voice.speaker import Speaker, amplify


class AnswerFiles:
    """Writes each reply to a numbered WAV file in a folder, which is made where needed.

    ``volume`` is the factor of the settings; a reply has one of its own besides.
    """

    def __init__(self, speaker: Speaker, folder: Path, volume: float) -> None:
        self._speaker = speaker
        self._folder = folder
        self._volume = volume
        self._count = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise AudioFileError(
                f"Ik kan de map {folder} niet maken; kies een map waar u mag schrijven."
            ) from error

    def write(self, reply: Reply, name: str) -> Path:
        """Write the reply to a file named after its number and ``name``; gives the path.

        Raises:
            SpiertolkError: the voice broke down, or the file can't be written.
        """
        self._count += 1
        stem = re.sub(r"[^\w-]+", "_", name).strip("_")[:80]
        path = self._folder / f"{self._count:02}_{stem}.wav"
        speech = self._speaker.synthesize(reply.text, reply.pace)
        write_wav(path, amplify(speech.samples, reply.volume * self._volume), speech.rate)
        return path

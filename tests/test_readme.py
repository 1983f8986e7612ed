"""What the README tells people to type works as it is written."""

import re
import subprocess
import sys
from pathlib import Path

from tests.program import ENOUGH_SECONDS, MAIN, ROOT


def test_the_pack_of_the_readme_is_answered(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (typed,) = re.findall(r"^```sh\n(mkdir -p praktijk.*?)^```$", readme, re.DOTALL | re.MULTILINE)
    told = subprocess.run(
        ["bash", "-c", typed.replace(".venv/bin/python main.py", f"{sys.executable} {MAIN}")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=3 * ENOUGH_SECONDS,
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, "")
    texts = [line for line in told.stdout.splitlines() if line[7:].startswith("teksten")]
    assert [line.split()[0] for line in texts] == ["goed"], texts
    assert "een vraag over uw hoofdpijn" in told.stdout
    assert "Hoofdpijn gaat meestal vanzelf over." in told.stdout
    assert "Vaak is het na een dag over." in told.stdout

"""What a user's program infers: tests/typed_programs holds for mypy and for pyright, expected errors included."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = [ROOT / "tests" / "typed_programs" / f"{name}.py" for name in ("analyses", "callbacks", "nights")]


@pytest.mark.parametrize("checker", ["mypy", "basedpyright"])
def test_a_users_program_is_typed(checker: str, tmp_path: Path) -> None:
    if checker == "mypy":
        command = ["mypy", "--strict", "--warn-unused-ignores", f"--cache-dir={tmp_path}", *map(str, PROGRAMS)]
    else:
        settings = tmp_path / "pyrightconfig.json"
        roots = ", ".join(f'"{ROOT / name}"' for name in ("generated", "overrides", "scripts"))
        programs = ", ".join(f'"{program}"' for program in PROGRAMS)
        settings.write_text(
            f'{{"include": [{programs}], "extraPaths": [{roots}], "typeCheckingMode": "strict", '
            '"reportUnnecessaryTypeIgnoreComment": true, "enableTypeIgnoreComments": false}'
        )
        command = ["basedpyright", f"--project={settings}", f"--pythonpath={sys.executable}"]
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

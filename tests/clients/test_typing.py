"""What a user's program infers: tests/typed_programs holds for mypy and for pyright, expected errors included."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.readme.test_readme import SNIPPETS

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = [
    ROOT / "tests" / "typed_programs" / f"{name}.py" for name in ("analyses", "callbacks", "nights", "nights_v3")
]


@pytest.mark.parametrize("checker", ["mypy", "basedpyright"])
def test_a_users_program_is_typed(checker: str, tmp_path: Path) -> None:
    done = checked(checker, PROGRAMS, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("checker", ["mypy", "basedpyright"])
def test_the_snippets_of_the_readme_are_typed(checker: str, tmp_path: Path) -> None:
    programs = [tmp_path / f"snippet_{number}.py" for number, _ in enumerate(SNIPPETS)]
    for program, snippet in zip(programs, SNIPPETS, strict=True):
        program.write_text(snippet, "utf-8")
    done = checked(checker, programs, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def checked(checker: str, programs: list[Path], tmp_path: Path) -> subprocess.CompletedProcess[str]:
    if checker == "mypy":
        command = ["mypy", "--strict", "--warn-unused-ignores", f"--cache-dir={tmp_path}", *map(str, programs)]
    else:
        settings = tmp_path / "pyrightconfig.json"
        roots = ", ".join(f'"{ROOT / name}"' for name in ("generated", "overrides", "scripts"))
        programs = ", ".join(f'"{program}"' for program in programs)
        settings.write_text(
            f'{{"include": [{programs}], "extraPaths": [{roots}], "typeCheckingMode": "strict", '
            '"reportUnnecessaryTypeIgnoreComment": true, "enableTypeIgnoreComments": false}'
        )
        command = ["basedpyright", f"--project={settings}", f"--pythonpath={sys.executable}"]
    return subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, cwd=ROOT, check=False)

"""octoDNS in a virtual environment of its own: a plan of as many records, YAML against YAML as the live side.

The nearest peer: declarations in YAML, planned against a live side, no daemon. It parses YAML on both sides; cspctl
takes the live side from its ledger. Both are measured without interpreter start and imports.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ZONES = 10
INSTALL_SECONDS = 300
_MEASURE = """
import io, json, logging, re, sys, time
from octodns.manager import Manager
from octodns.provider.yaml import YamlProvider
said = io.StringIO()
logging.basicConfig(stream=said, level=logging.WARNING)
logging.getLogger("Plan").setLevel(logging.INFO)
started = time.perf_counter()
Manager(config_file=sys.argv[1]).sync()
seconds = time.perf_counter() - started
print(json.dumps({"seconds": seconds, "changes": sum(map(int, re.findall(r"Updates=(\\d+)", said.getvalue())))}))
"""


def install(folder: Path) -> Path | None:
    """The interpreter of a new environment with octoDNS; None where the package cannot be had."""
    python = folder / "venv" / "bin" / "python"
    try:
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True, capture_output=True)
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "octodns"]
        subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return None
    return python


def version(python: Path) -> str:
    code = "from importlib.metadata import version; print(version('octodns'))"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def seconds_to_plan(python: Path, folder: Path, records: int, different: int) -> float:
    """Nothing is written on the live side: without `force` and `dry_run=False` octoDNS only plans."""
    config = _write(folder / f"octodns-{records}", records, different)
    done = subprocess.run([python, "-c", _MEASURE, config], check=True, capture_output=True, text=True)
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    if answer["changes"] != different:
        raise SystemExit(f"octoDNS found {answer['changes']} changes, not {different}")
    return float(answer["seconds"])


def _write(folder: Path, records: int, different: int) -> Path:
    for side in ("src", "tgt"):
        (folder / side).mkdir(parents=True)
        for zone in range(ZONES):
            with (folder / side / f"z{zone}.test.yaml").open("w") as file:
                file.write("---\n")
                for number in range(records // ZONES):
                    value = f"10.{zone}.{(number >> 8) & 255}.{number & 255}"
                    if side == "src" and number < different // ZONES:
                        value = f"10.200.{zone}.{number}"
                    file.write(f"r{number:06d}:\n  ttl: 300\n  type: A\n  value: {value}\n")
    sides = "".join(
        f"  {side}: {{class: octodns.provider.yaml.YamlProvider, directory: {folder / side}, default_ttl: 300, "
        "enforce_order: false}\n"
        for side in ("src", "tgt")
    )
    zones = "".join(f"  z{zone}.test.: {{sources: [src], targets: [tgt]}}\n" for zone in range(ZONES))
    config = folder / "config.yaml"
    config.write_text(f"---\nmanager: {{max_workers: 2}}\nproviders:\n{sides}zones:\n{zones}")
    return config

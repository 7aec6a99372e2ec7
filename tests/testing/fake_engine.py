"""What Docker does for the client, without Docker: the "container" is a gateway of this checkout on free ports of its own.

It keeps what it is asked in the folder $FAKE_ENGINE, one JSON list a line.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(os.environ["FAKE_ENGINE"])


def create(words: list[str]) -> None:
    """The image comes after the options; what follows it are the gateway's own words."""
    place = words.index("an-image")
    (FOLDER / "words.json").write_text(json.dumps(words[place + 1 :]), encoding="utf-8")
    passed_on = {words[at + 1] for at, word in enumerate(words) if word == "--env"}
    values = {name: os.environ[name].replace("/data/", f"{FOLDER}/") for name in passed_on}
    (FOLDER / "environment.json").write_text(json.dumps(values), encoding="utf-8")


def start() -> int:
    """A free port stands for the one that the container has, and for the one that is published."""
    words = json.loads((FOLDER / "words.json").read_text(encoding="utf-8"))
    here = {"7070": "0", "7071": "0", "/tmp/invoice-gateway.yaml": str(FOLDER / "config.yaml")}
    words = [here.get(word, word).replace("sqlite:////data/", f"sqlite:///{FOLDER}/") for word in words]
    inside = json.loads((FOLDER / "environment.json").read_text(encoding="utf-8"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("INVOICE_GATEWAY_")}
    command = [sys.executable, "-m", "gateway", *words]
    with subprocess.Popen(command, env={**environment, **inside}, stdout=subprocess.PIPE, text=True) as process:
        (FOLDER / "pid").write_text(str(process.pid), encoding="utf-8")
        assert process.stdout is not None
        line = process.stdout.readline()
        (FOLDER / "line").write_text(line, encoding="utf-8")
        print(line, end="", flush=True)
        return process.wait()


def port(asked: str) -> None:
    data, admin = (word.rpartition(":")[2] for word in (FOLDER / "line").read_text(encoding="utf-8").split()[-2:])
    print(f"127.0.0.1:{data if asked == '7070/tcp' else admin}")


def main(words: list[str]) -> int:
    with (FOLDER / "asked").open("a", encoding="utf-8") as asked:
        asked.write(json.dumps(words) + "\n")
    if words[0] == "create":
        create(words)
    elif words[0] == "cp":
        shutil.copy(words[1], FOLDER / "config.yaml")
    elif words[0] == "start":
        return start()
    elif words[0] == "port":
        port(words[2])
    elif words[0] == "rm":
        os.kill(int((FOLDER / "pid").read_text(encoding="utf-8")), 15)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

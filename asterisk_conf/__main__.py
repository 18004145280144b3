"""The door: `python -m asterisk_conf run` renders the configuration and becomes Asterisk."""

import argparse
import os
import sys

from asterisk_conf import layout, settings
from asterisk_conf.render import render


def main() -> int:
    """`run` in the foreground, `render` only, `cli COMMAND` at the running instance, `ready` (exit 0 when booted)."""
    parser = argparse.ArgumentParser(prog="python -m asterisk_conf", description=main.__doc__)
    parser.add_argument("verb", choices=("run", "render", "cli", "ready", "version"))
    parser.add_argument("words", nargs="*", help="the command for cli")
    chosen = parser.parse_args()
    telephone = settings.read()
    try:
        asterisk = layout.find()
    except layout.NoAsterisk as problem:
        print(problem, file=sys.stderr)
        return 2
    config = str(telephone.etc / "asterisk.conf")
    match chosen.verb:
        case "version":
            print(asterisk.version())
        case "render":
            print(render(telephone, asterisk))
        case "run":
            render(telephone, asterisk)
            os.chdir(telephone.run)
            os.umask(0o077)  # recordings and call data records hold numbers and voices of citizens
            os.execv(asterisk.command[0], [*asterisk.command, "-C", config, "-f"])
        case "ready":
            os.execv(asterisk.command[0], [*asterisk.command, "-C", config, "-rx", "core waitfullybooted"])
        case "cli":
            os.execv(asterisk.command[0], [*asterisk.command, "-C", config, "-rx", " ".join(chosen.words)])
    return 0


if __name__ == "__main__":
    sys.exit(main())

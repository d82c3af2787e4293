"""Runs a process under callgrind and reads what it wrote: instructions per function, calls per pair of functions.

The difference of two dumps cancels everything that does not depend on the number of requests: starting, opening
connections, writing the dump itself.
"""

import collections
import glob
import os
import subprocess
import time

import stage as stages

COMMAND = ["valgrind", "--tool=callgrind", "--compress-strings=no", "--compress-pos=no", "--error-limit=no"]


def command(stage):
    """What to put in front of a command line. The files go to the stage's folder."""
    return [*COMMAND, f"--callgrind-out-file={stage.path('callgrind.out')}"]


def dump(stage, pid):
    """Writes the costs since the last dump and returns them."""
    known = set(glob.glob(stage.path("callgrind.out.*")))
    stages.run(["callgrind_control", "--dump", str(pid)])
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        new = set(glob.glob(stage.path("callgrind.out.*"))) - known
        if new:
            return Profile.read(wait_until_complete(new.pop()))
        time.sleep(0.05)
    raise stages.Failure("callgrind wrote no dump")


def wait_until_complete(path):
    """The last lines of a dump are its totals."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with open(path, "rb") as file:
            file.seek(max(0, os.path.getsize(path) - 200))
            if b"totals:" in file.read():
                return path
        time.sleep(0.05)
    raise stages.Failure(f"{path} was not written to its end")


class Profile:
    """Costs of one dump, or of the difference of two."""

    def __init__(self):
        self.own = collections.Counter()  # function -> instructions in itself
        self.calls = collections.Counter()  # (caller, callee) -> times

    @classmethod
    def read(cls, path):
        profile, function, callee, skip = cls(), None, None, False
        with open(path, errors="replace") as file:
            for line in file:
                first = line[0]
                if first.isdigit() or first in "+-*":
                    fields = line.split()
                    if not skip and len(fields) > 1:
                        profile.own[function] += int(fields[1])
                    skip = False  # the line after calls= is the callee's inclusive cost
                elif line.startswith("fn="):
                    function = name(line)
                elif line.startswith("cfn="):
                    callee = name(line)
                elif line.startswith("calls="):
                    profile.calls[function, callee] += int(line[6:].split()[0])
                    skip = True
        return profile

    def per_request(self, shorter, requests):
        """What each of `requests` more requests cost."""
        result = Profile()
        for key in set(self.own) | set(shorter.own):
            result.own[key] = (self.own[key] - shorter.own[key]) / requests
        for key in set(self.calls) | set(shorter.calls):
            result.calls[key] = (self.calls[key] - shorter.calls[key]) / requests
        return result

    def instructions(self):
        return sum(self.own.values())

    def called(self, matches):
        """{callee: times} of the functions `matches` accepts, calls among themselves left out."""
        counts = collections.Counter()
        for (caller, callee), times in self.calls.items():
            if matches(callee) and not matches(caller):
                counts[callee] += times
        return counts

    def callers(self, matches):
        """{(caller, callee): times}, most frequent first."""
        found = {pair: times for pair, times in self.calls.items() if matches(pair[1]) and not matches(pair[0])}
        return sorted(found.items(), key=lambda item: -item[1])


def name(line):
    """The function of an `fn=` or `cfn=` line; `'2` marks a recursion level."""
    return line.split("=", 1)[1].strip().split("'")[0]


def demangled(names):
    """Swift symbols as a person reads them, if the toolchain is there."""
    unique = list(dict.fromkeys(names))
    try:
        result = subprocess.run(["swift", "demangle", "--simplified", "--compact"], input="\n".join(unique),
                                capture_output=True, text=True, timeout=60)
        lines = result.stdout.splitlines()
    except (OSError, subprocess.TimeoutExpired):
        lines = []
    return dict(zip(unique, lines)) if len(lines) == len(unique) else {one: one for one in unique}

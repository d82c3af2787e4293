"""Runs a process under callgrind and reads what it wrote: instructions per function, calls per pair of functions.

The difference of two dumps cancels everything that does not depend on the number of requests: starting, opening
connections, writing the dump itself.
"""

import collections
import glob
import os
import shutil
import subprocess
import time

import stage as stages

COMMAND = ["valgrind", "--tool=callgrind", "--compress-strings=no", "--compress-pos=no", "--error-limit=no"]


def command(stage):
    """What to put in front of a command line. The files go to the stage's folder."""
    return [*COMMAND, f"--callgrind-out-file={stage.path('callgrind.out')}"]


def readable(stage, binary):
    """A copy without debug information, which valgrind 3.19 gives up on in Swift's libraries; names stay."""
    copy = stage.path("stripped")
    stages.run(["strip", "--strip-debug", "-o", copy, shutil.which(binary) or binary])
    return copy


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
        self.below = collections.Counter()  # callee -> instructions in it and in all it calls

    @classmethod
    def read(cls, path):
        profile, function, callee, skip = cls(), None, None, False
        with open(path, errors="replace") as file:
            for line in file:
                first = line[0]
                if first.isdigit() or first in "+-*":
                    fields = line.split()
                    if len(fields) > 1:
                        # The line after calls= is the inclusive cost of the call.
                        table, key = (profile.below, callee) if skip else (profile.own, function)
                        table[key] += int(fields[1])
                    skip = False
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
        for name in ("own", "calls", "below"):
            longer, short, difference = getattr(self, name), getattr(shorter, name), getattr(result, name)
            for key in set(longer) | set(short):
                difference[key] = (longer[key] - short[key]) / requests
        return result

    def instructions(self):
        return sum(self.own.values())

    def times(self, function):
        """How often a function is called."""
        return sum(times for (_, callee), times in self.calls.items() if callee == function)

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

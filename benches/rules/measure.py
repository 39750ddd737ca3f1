"""What a command costs, taken from outside, and sides compared in turn."""

import datetime
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time


class Cost:
    """Processor seconds (user and system, children too), elapsed seconds, peak memory in MB."""

    def __init__(self, cpu, elapsed, peak):
        self.cpu, self.elapsed, self.peak = cpu, elapsed, peak


def cost(command, environment=None):
    """Runs a command to its end. This process stays small: a child's peak counts from the fork."""
    with tempfile.TemporaryFile() as told:
        started = time.monotonic()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=told, stderr=told,
            env={**os.environ, **(environment or {})})
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            told.seek(0)
            text = told.read().decode(errors="replace")[-3000:]
            raise SystemExit(f"{' '.join(command[:6])} … ended with {process.returncode}:\n{text}")
    return Cost(usage.ru_utime + usage.ru_stime, elapsed, usage.ru_maxrss / 1024)


def in_turn(sides, rounds):
    """`sides`: name -> command. Every side once a round; name -> costs."""
    costs = {name: [] for name in sides}
    for _ in range(rounds):
        for name, command in sides.items():
            costs[name].append(cost(command))
    return costs


median = statistics.median


def spread(values):
    return f"{median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def ratios(ours, theirs, our_start=0.0, their_start=0.0):
    """Ratio of each pair, start-up taken out."""
    return [(a.cpu - our_start) / max(b.cpu - their_start, 1e-9) for a, b in zip(ours, theirs)]


class Report:
    """Lines to the terminal and to a file."""

    def __init__(self, path):
        self.file = open(path, "a") if path else None

    def line(self, text=""):
        print(text, flush=True)
        if self.file:
            print(text, file=self.file, flush=True)

    def title(self, text):
        loads = ", ".join(f"{load:.1f}" for load in os.getloadavg())
        self.line()
        self.line(f"== {text}")
        self.line(f"   {datetime.datetime.now():%H:%M:%S}, load average before {loads}")

    def machine(self, binary):
        def said(*command):
            done = subprocess.run(command, capture_output=True, text=True, check=False,
                                  cwd=os.path.dirname(os.path.abspath(__file__)))
            return done.stdout.strip()

        model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        changed = " with changes" if said("git", "status", "--porcelain", "--untracked-files=no") else ""
        self.line(f"{datetime.datetime.now():%Y-%m-%d %H:%M}, commit {said('git', 'rev-parse', '--short', 'HEAD')}{changed}")
        self.line(f"{said(binary, '--version')}; {model}, {os.cpu_count()} cores, {memory:.0f} GiB; "
                  f"{platform.system()} {platform.release()}, Python {sys.version.split()[0]}")

    def compared(self, costs, starts, ours="taizhang"):
        """A line a side: cost, start-up, cost without it, and ours as a share of it, both ways."""
        start = {name: median([one.cpu for one in starts[name]]) for name in costs}
        self.line(f"{'':24}{'CPU s, median (spread)':>26}{'start':>8}{'less it':>9}{'elapsed':>9}{'peak MB':>9}"
                  f"   {ours} is … of it, less start-up; as it stands")
        for name, all_of_it in costs.items():
            cpu = [one.cpu for one in all_of_it]
            text = (f"{name:24}{spread(cpu):>26}{start[name]:>8.2f}{median(cpu) - start[name]:>9.2f}"
                    f"{median([one.elapsed for one in all_of_it]):>9.2f}{max(one.peak for one in all_of_it):>9.0f}")
            if name != ours:
                less = ratios(costs[ours], all_of_it, start[ours], start[name])
                text += f"   {_share(less)}; {_share(ratios(costs[ours], all_of_it))}"
            self.line(text)


def _share(values):
    middle = median(values)
    digits = 2 if middle >= 0.1 else 4
    text = f"{middle:.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"
    return text + (f" = 1/{1 / middle:.0f}" if 0 < middle < 0.1 else "")

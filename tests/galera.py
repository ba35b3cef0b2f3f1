"""A Galera cluster of one's own: MariaDB nodes on loopback that replicate to each other, gone when the tests end.

    with cluster() as nodes:
        nodes[0].kill()
        nodes[0].start()      # by what the others still keep (IST)
        nodes[1].kill()
        nodes[1].forget()
        nodes[1].start()      # by a whole copy of another (SST)

`tests/setup.sh galera` installs what it takes. All calls block, as those of ``tests.mariadb``.
"""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from asyncmy.errors import MySQLError, OperationalError

from tests.mariadb import MariaDB, MariaDBStartError, free_port

NODES = 3
SYNCED = "4"
"""Of wsrep_local_state."""
PROVIDERS = ("/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera-4/libgalera_smm.so")
SCRIPTS = Path(sys.prefix) / "galera"
"""Where `tests/setup.sh galera` puts those that carry a copy from node to node, unless the system has them."""
_STARTS = 3
_ANSWERS_WITHIN = 15.0
_RECOVERS_WITHIN = 20.0
_LOST = 2013
_SETUP = Path(__file__).parent / "setup.sh"
_PROVIDER_OPTIONS = {
    "evs.keepalive_period": "PT0.3S",
    "evs.inactive_check_period": "PT0.3S",
    "evs.suspect_timeout": "PT2S",
    "evs.inactive_timeout": "PT9S",
    "pc.announce_timeout": "PT1S",
    "gcache.size": "32M",
}
"""Who says nothing is out after 2 s instead of 5: a cluster of one machine has no slow wires."""
_RECOVERED = re.compile(r"Recovered position:? ([0-9a-f-]{36}:-?\d+)")


class NoGaleraError(RuntimeError):
    """What `tests/setup.sh galera` says where it can't install it."""


def install() -> None:
    """Galera's packages, where they are not there yet. Raises NoGaleraError, which says what to do."""
    done = subprocess.run([_SETUP, "galera", SCRIPTS], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise NoGaleraError(done.stderr.decode(errors="replace").strip().splitlines()[-1])


class Node(MariaDB):
    """One of a cluster. ``peers`` are all of them, known before the first starts."""

    starts_within = 180.0  # seconds: a copy may come first

    def __init__(self, number: int) -> None:
        super().__init__(durable=True)
        self.name = f"node{number + 1}"
        self.peers: Sequence[Node] = ()
        self.group_port = free_port()
        self._starts: list[str] = []

    def found(self) -> None:
        """Start as the first of a new cluster."""
        self._begin(lambda: ["--wsrep-new-cluster", f"--init-file={self._home / 'init.sql'}"])

    def start(self) -> None:
        """Join the others: with what they have done meanwhile, where what is here is known to be a part of it."""
        self._begin(lambda: [f"--wsrep-start-position={position}"] if (position := self._recover()) else [])

    def _begin(self, starts: Callable[[], list[str]]) -> None:
        """Again where it gives up, as the system's service would: the others, or the machine, may be busy."""
        for tries_left in reversed(range(_STARTS)):
            self._starts = []
            self._starts = starts()
            try:
                super().start()
            except MariaDBStartError:
                if not tries_left:
                    raise
            else:
                return

    def kill(self) -> None:
        """With the scripts that copy for it, which would go on and be in the way of the next ones."""
        session = self.pid
        super().kill()
        for one in Path("/proc").glob("[0-9]*") if session is not None else ():
            with contextlib.suppress(ProcessLookupError):
                if os.getsid(int(one.name)) == session:
                    os.kill(int(one.name), signal.SIGKILL)

    def forget(self) -> None:
        """Lose the data directory, as with the machine. It must not run."""
        shutil.rmtree(self._home / "data")
        (self._home / "data").mkdir()

    def signal(self, number: signal.Signals) -> None:
        """SIGSTOP and SIGCONT."""
        if self.pid is not None:
            os.kill(self.pid, number)

    def status(self, name: str) -> str:
        """One of SHOW STATUS, "" where it doesn't answer. It is told while it is not ready, too."""
        try:
            rows = self.execute(f"SHOW GLOBAL STATUS LIKE '{name}'")
        except (MySQLError, OSError, EOFError):
            return ""
        return str(rows[0][1]) if rows else ""

    async def _execute(self, sql: str) -> list[tuple[Any, ...]]:
        """One that stands still takes connections, and says nothing."""
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN):
                return await super()._execute(sql)
        except TimeoutError as error:
            raise OperationalError(_LOST, f"{self.name} does not answer") from error

    @property
    def has_given_up(self) -> bool:
        """Whether it has ended, as one at odds with the others does, or will never join them again."""
        if self._process is None or self._process.poll() is not None:
            return True
        return self.status("wsrep_cluster_status") == "Disconnected"

    @property
    def is_synced(self) -> bool:
        """Whether it is one of all of them, has all that they have, and takes writes."""
        told = self.status("wsrep_local_state"), self.status("wsrep_cluster_size"), self.status("wsrep_ready")
        return told == (SYNCED, str(len(self.peers)), "ON")

    def _prepare(self) -> None:
        """Whoever copies a node's data comes by the socket."""
        super()._prepare()
        with (self._home / "init.sql").open("a") as script:
            script.write(f"CREATE USER IF NOT EXISTS '{self.user}'@'localhost' IDENTIFIED BY '{self.password}';\n")
            script.write(f"GRANT ALL ON *.* TO '{self.user}'@'localhost';\n")

    def _recover(self) -> str:
        """Where in the cluster's history InnoDB stands, as galera_recovery asks for it; "" for nowhere."""
        if not (self._home / "data" / "ibdata1").exists():
            return ""
        log = self._home / "recovered.err"
        command = [self._program, *self._options(), "--wsrep-recover", "--skip-networking", f"--log-error={log}"]
        # It says where it stands before it ends, which may take long after a kill.
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(command, capture_output=True, timeout=_RECOVERS_WITHIN, check=False)
        said = log.read_text(errors="replace")
        log.unlink()
        found = _RECOVERED.findall(said)
        return str(found[-1]) if found else ""

    def _environment(self) -> Mapping[str, str]:
        """The server looks for its scripts in the PATH."""
        return {**os.environ, "PATH": os.pathsep.join([str(SCRIPTS), os.environ.get("PATH", os.defpath)])}

    def _options(self) -> list[str]:
        """Nearly all are in a file, where the scripts that copy look for them, too."""
        told = [one for one in super()._options() if not one.startswith(("--no-defaults", "--user", "--init-file"))]
        options = [one.removeprefix("--") for one in (*told, *self._of_cluster())]
        file = self._home / "my.cnf"
        copying = ["[sst]", "sockopt=,bind=127.0.0.1", "sst-log-archive=0", f"tmpdir={self._home}", ""]
        file.write_text("\n".join(["[mysqld]", *options, *copying]))
        return [f"--defaults-file={file}", *[one for one in self._paths() if one.startswith("--user")], *self._starts]

    def _of_cluster(self) -> list[str]:
        provider = next((path for path in PROVIDERS if Path(path).exists()), PROVIDERS[0])
        addresses = ",".join(f"127.0.0.1:{peer.group_port}" for peer in self.peers)
        of_group = {
            **_PROVIDER_OPTIONS,
            "base_host": "127.0.0.1",
            "base_port": str(self.group_port),
            "gmcast.listen_addr": f"tcp://127.0.0.1:{self.group_port}",
            "ist.recv_addr": f"127.0.0.1:{self.group_port + 1}",
            "ist.recv_bind": f"127.0.0.1:{self.group_port + 1}",
        }
        return [
            "--wsrep-on=ON",
            f"--wsrep-provider={provider}",
            f'--wsrep-provider-options="{";".join(f"{name}={value}" for name, value in of_group.items())}"',
            f"--wsrep-cluster-address=gcomm://{addresses}",
            "--wsrep-cluster-name=bongsu",
            f"--wsrep-node-name={self.name}",
            f"--wsrep-node-address=127.0.0.1:{self.group_port}",
            "--wsrep-sst-method=mariabackup",
            f"--wsrep-sst-auth={self.user}:{self.password}",
            f"--wsrep-sst-receive-address=127.0.0.1:{self.port + 1}",
            "--wsrep-slave-threads=2",
            "--binlog-format=ROW",
            "--innodb-autoinc-lock-mode=2",
        ]


@contextmanager
def cluster(size: int = NODES) -> Iterator[Sequence[Node]]:
    """All of them run, and are synced. Raises NoGaleraError, MariaDBStartError."""
    install()
    nodes = [Node(number) for number in range(size)]
    with ExitStack() as stack:
        for node in nodes:
            node.peers = nodes
            stack.push(node.__exit__)
        nodes[0].found()
        for node in nodes[1:]:
            node.start()
        yield nodes

"""Where the database is: how the list is read, and whose turn it is."""

from dataclasses import dataclass

import pytest
from asyncmy.errors import OperationalError

from db import hosts
from db.hosts import REST_SECONDS, Host, Hosts, parse_hosts
from incidents.errors import InvalidInput

ONE, TWO, THREE = Host("db1", 3306), Host("db2", 3306), Host("db3", 3307)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        (" ", ()),
        ("db1", (ONE,)),
        ("db1:3306,db2", (ONE, TWO)),
        (" db1 , db2:3306 , db3:3307 ", (ONE, TWO, THREE)),
        ("[::1]:3307,127.0.0.1:1", (Host("::1", 3307), Host("127.0.0.1", 1))),
        ("[fd00::5]", (Host("fd00::5", 3306),)),
        ("bongsu_db_1:65535", (Host("bongsu_db_1", 65535),)),
    ],
)
def test_a_list_is_read(text: str, found: tuple[Host, ...]) -> None:
    assert parse_hosts(text) == found


@pytest.mark.parametrize(
    "text",
    [
        *("db1:", "db1:x", "db1:0", "db1:65536", "db1,,db2", "db1,", ":3306", "db1 db2"),
        *("db1:3306;db2:3306", "db1:3306,db1", "::1", "[::1", "[]:3306"),
    ],
)
def test_a_wrong_list_says_what_to_write(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^BONGSU_DATABASE_HOSTS: .*: write host:port,host:port, such as "):
        parse_hosts(text)


@pytest.mark.parametrize("text", ["mysql://bongsu:canary@db1:3306/bongsu", "db1,bongsu:canary@db2", "db1:canary"])
def test_what_may_be_a_password_is_not_repeated(text: str) -> None:
    with pytest.raises(InvalidInput) as told:
        parse_hosts(text)
    assert "canary" not in str(told.value)


def test_an_ipv6_address_is_written_in_brackets() -> None:
    assert str(Host("::1", 3307)) == "[::1]:3307"


@dataclass(frozen=True)
class Node:
    """Of a Galera cluster."""

    state: str = "4"


DONOR = Node("2")


READER = "a reader of Aurora"


class Connection:
    """What asyncmy hands out, as far as it is looked at."""

    def __init__(self, read_only: object) -> None:
        """``read_only`` as asked, or what that question raises; of a node of a cluster, wsrep_local_state besides."""
        is_node = isinstance(read_only, Node)
        self.state = read_only.state if isinstance(read_only, Node) else ""
        self.read_only: object = 0 if is_node else read_only
        self.closed, self.told = False, list[str]()

    def cursor(self) -> "Connection":
        return self

    async def __aenter__(self) -> "Connection":
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def execute(self, sql: str) -> None:
        self.told.append(sql)
        if isinstance(self.read_only, Exception) and sql.startswith("SELECT"):
            raise self.read_only

    async def fetchone(self) -> tuple[object, ...] | None:
        if self.told[-1].startswith("SELECT"):
            return (self.read_only, 0) if self.read_only != READER else (0, 1)
        if "wsrep_on" in self.told[-1]:
            return ("wsrep_on", "ON") if self.state else None
        return ("wsrep_local_state", self.state)

    def close(self) -> None:
        self.closed = True


class Net:
    """Servers by name: their ``read_only``, or what connecting to them raises."""

    def __init__(self, **servers: object) -> None:
        self.servers, self.now = servers, 0.0
        self.asked: list[str] = []
        self.made: list[Connection] = []

    async def connect(self, *, host: str, **_: object) -> Connection:
        self.asked.append(host)
        told = self.servers[host]
        if isinstance(told, OSError):
            raise OperationalError(2003, f"Can't connect to MySQL server on {host!r} ({told})") from told
        self.made.append(Connection(told))
        return self.made[-1]

    async def open(self, where: Hosts) -> list[str]:
        """Who was asked, the last one being who is used."""
        self.asked.clear()
        await where.open(user="bongsu", password="canary")
        return list(self.asked)


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Net:
    told = Net(db1=0, db2=0, db3="OFF")
    monkeypatch.setattr(hosts.asyncmy, "connect", told.connect)
    return told


@pytest.fixture
def three(net: Net) -> Hosts:
    return Hosts([ONE, TWO, THREE], clock=lambda: net.now)


NOT_READY = OperationalError(1047, "WSREP has not yet prepared node for application use")


@pytest.mark.parametrize("why", [OSError("refused"), 1, "ON", "READ_ONLY_NO_LOCK", NOT_READY, DONOR, READER], ids=str)
async def test_the_first_that_takes_writes_is_used(net: Net, three: Hosts, why: object) -> None:
    assert await net.open(three) == ["db1"]
    net.servers["db1"] = why
    assert await net.open(three) == ["db1", "db2"]
    assert [one.closed for one in net.made] == [False, *([] if isinstance(why, OSError) else [True]), False]


async def test_who_failed_is_asked_after_all_others_for_a_while(net: Net, three: Hosts) -> None:
    net.servers["db1"] = OSError("refused")
    assert await net.open(three) == ["db1", "db2"]
    assert await net.open(three) == ["db2"]
    net.servers["db2"] = OSError("refused")
    assert await net.open(three) == ["db2", "db3"]
    net.servers["db3"] = OSError("refused")
    net.servers["db1"] = 0
    assert await net.open(three) == ["db3", "db1"]


async def test_after_its_rest_one_asks_and_all_go_back(net: Net, three: Hosts) -> None:
    net.servers["db1"] = OSError("refused")
    await net.open(three)
    net.now = REST_SECONDS
    assert await net.open(three) == ["db1", "db2"]
    assert await net.open(three) == ["db2"]
    net.now = 2 * REST_SECONDS
    net.servers["db1"] = 0
    assert await net.open(three) == ["db1"]
    assert await net.open(three) == ["db1"]


async def test_where_none_takes_writes_each_says_why(net: Net, three: Hosts) -> None:
    net.servers |= {"db1": OSError("refused"), "db2": 1, "db3": NOT_READY}
    with pytest.raises(OperationalError) as told:
        await net.open(three)
    [code, words] = told.value.args
    assert code == 2003
    assert "db1:3306 Can't connect" in words
    assert "db2:3306 is read-only" in words
    assert "db3:3307 WSREP has not yet prepared" in words
    assert "canary" not in words


async def test_the_only_host_is_used_whatever_it_takes_and_says_itself_what_is_wrong(net: Net) -> None:
    alone = Hosts([ONE])
    net.servers["db1"] = 1
    assert await net.open(alone) == ["db1"]
    net.servers["db1"] = OSError("refused")
    with pytest.raises(OperationalError, match="Can't connect to MySQL server on 'db1'"):
        await net.open(alone)


async def test_a_node_that_copies_its_data_is_used_where_no_other_takes_writes(net: Net, three: Hosts) -> None:
    net.servers |= {"db1": OSError("refused"), "db2": DONOR, "db3": NOT_READY}
    assert await net.open(three) == ["db1", "db2", "db3", "db2"]


@pytest.mark.parametrize(("server", "is_asked"), [(Node(), True), (DONOR, True), (0, False)])
async def test_a_node_of_a_cluster_reads_what_others_were_told_and_no_other_server_is_asked_to(
    net: Net, server: object, is_asked: bool
) -> None:
    net.servers["db1"] = server
    await Hosts([ONE]).open()
    assert any("wsrep_sync_wait" in sql for sql in net.made[-1].told) is is_asked

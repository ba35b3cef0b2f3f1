"""``bongsu grafana``: connect a Grafana: data source, dashboards, contact point, notification policy."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from bongsu.cli.tenant_option import add_tenant
from bongsu.client.errors import ClientError
from bongsu.environment import Environment
from bongsu.grafana import telling
from bongsu.grafana.access import PASSWORD, TOKEN, read_access
from bongsu.grafana.choices import (
    DATABASE_USER,
    label,
    matcher,
    namespace,
    read_wanted,
    read_wanted_for_files,
    skipped,
    trimmed,
    wanted_dashboards,
)
from bongsu.grafana.client import Grafana
from bongsu.grafana.configmap import config_maps
from bongsu.grafana.difference import without
from bongsu.grafana.leftovers import take_away
from bongsu.grafana.provisioning import POLICIES, dashboards_of, files_of
from bongsu.grafana.setup import Done, carry_out, parts, plan
from bongsu.grafana.step import Outcome, Planned
from bongsu.grafana.version import look
from bongsu.grafana.wanted import Wanted
from bongsu.settings import read_settings
from incidents.errors import InvalidInput
from incidents.tenants.model import DEFAULT_SLUG

_EPILOG = """\
secrets are never written as arguments, where every user of the machine can read them:
  BONGSU_GRAFANA_TOKEN              of a service account with the role Admin
  BONGSU_GRAFANA_PASSWORD           or this, of the user BONGSU_GRAFANA_USER
  BONGSU_GRAFANA_DATABASE_PASSWORD  of the database user that may read alone
  BONGSU_GRAFANA_WEBHOOK_KEY        an API key of the role ingest, where Grafana is to send with one
  each also as …_FILE, the path of a file that holds it. The contact point gets Bongsu's own credential:
  BONGSU_GRAFANA_HMAC_SECRET (Grafana 12 and newer), else BONGSU_WEBHOOK_TOKEN or BONGSU_WEBHOOK_BASIC

exit codes:
  0  done, or nothing to do
  1  some of it could not be done: what, and why, stands at the end
  2  used wrongly: an argument, a setting, or the credential; or nobody could be asked
  3  no answer: Grafana can't be reached, is slow, or it is not Grafana; try again later
"""


def add_to(commands: Any) -> None:
    parser = commands.add_parser("grafana", help="connect a Grafana: dashboards, contact point, notification policy")
    kinds = parser.add_subparsers(title="what to do", metavar="command", required=True)
    _add_setup(kinds)
    _add_export(kinds)


def _add_setup(kinds: Any) -> None:
    setup = kinds.add_parser(
        "setup",
        help="set all of it up in a Grafana, by its API; may be run again at any time",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    setup.add_argument("--url", help="where Grafana is (default: BONGSU_GRAFANA_URL)")
    setup.add_argument("--token-file", type=Path, metavar="FILE", help="that holds a service account's token")
    setup.add_argument("--user", metavar="NAME", help="instead of a token: who logs in (default: BONGSU_GRAFANA_USER)")
    setup.add_argument("--password-file", type=Path, metavar="FILE", help="that holds that user's password")
    for option, name in (("--token", TOKEN), ("--password", PASSWORD)):
        setup.add_argument(option, action=_NotAsArgument, name=name, help=argparse.SUPPRESS)
    setup.add_argument("--database-password-file", type=Path, metavar="FILE", help="the database user's password")
    setup.add_argument("--webhook-key-file", type=Path, metavar="FILE", help="an API key for Grafana to send with")
    _add_what(setup)
    setup.add_argument("--overwrite", action="store_true", help="replace also what people have edited in Grafana")
    setup.add_argument("--dry-run", action="store_true", help="change nothing, say what it would do")
    setup.add_argument("--yes", action="store_true", help="do it without asking")
    setup.add_argument(
        "--timeout",
        type=_seconds,
        default=30.0,
        metavar="SECONDS",
        help="for a whole answer (default: 30)",
    )
    setup.set_defaults(run=run_setup)


def _add_export(kinds: Any) -> None:
    export = kinds.add_parser(
        "export", help="write the same as files, for Grafanas that are set up by files", allow_abbrev=False
    )
    how = export.add_mutually_exclusive_group(required=True)
    how.add_argument(
        "--provisioning", type=Path, metavar="DIR", help="as files for Grafana's provisioning directory, into this one"
    )
    how.add_argument(
        "--configmap", action="store_true", help="print the dashboards as ConfigMaps for the sidecar of Grafana's chart"
    )
    export.add_argument(
        "--path",
        default="/etc/grafana/provisioning",
        metavar="DIR",
        help="where those files will stand for Grafana (default: /etc/grafana/provisioning)",
    )
    export.add_argument("--namespace", type=namespace, metavar="NAME", help="of the ConfigMaps")
    _add_what(export)
    export.set_defaults(run=run_export)


def _add_what(parser: Any) -> None:
    """What is to be set up, however."""
    parser.add_argument("--bongsu-url", metavar="URL", help="where Grafana reaches Bongsu (default: BONGSU_PUBLIC_URL)")
    parser.add_argument(
        "--label",
        type=label,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="what alerts of this Grafana do not say themselves, such as cluster=prod-a; may be repeated",
    )
    parser.add_argument(
        "--match",
        type=matcher,
        action="append",
        default=[],
        metavar="LABEL=VALUE",
        help="only these alerts go to Bongsu, such as severity=~critical|error; of several, all must match",
    )
    parser.add_argument(
        "--database-host", metavar="HOST:PORT", help="as Grafana reaches it (default: that of BONGSU_DATABASE_URL)"
    )
    parser.add_argument("--database-name", metavar="NAME", help="default: that of BONGSU_DATABASE_URL")
    parser.add_argument(
        "--database-user", default=DATABASE_USER, metavar="NAME", help=f"may read alone (default: {DATABASE_USER})"
    )
    parser.add_argument(
        "--database-ca-file", type=Path, metavar="FILE", help="use TLS, with a certificate that this authority signed"
    )
    prometheus = parser.add_mutually_exclusive_group()
    prometheus.add_argument("--prometheus-url", metavar="URL", help="make a data source of this Prometheus")
    prometheus.add_argument("--prometheus-uid", metavar="UID", help="use this data source, which is there already")
    parser.add_argument("--slack-url", metavar="URL", help="of your workspace, such as https://acme.slack.com")
    parser.add_argument(
        "--docs-url", metavar="URL", help="where your people read Bongsu's docs/, for the alert rules' runbook links"
    )
    parser.add_argument(
        "--skip",
        type=skipped,
        default=frozenset(),
        metavar="PART,PART",
        help="leave out: datasource, prometheus, dashboards, contact-point, policy, alerts",
    )
    add_tenant(parser)


def run_setup(given: argparse.Namespace) -> int:
    """Raises InvalidInput."""
    access = read_access(
        url=given.url,
        token_file=given.token_file,
        user=given.user,
        password_file=given.password_file,
        seconds=given.timeout,
    )
    wanted = read_wanted(given, read_settings(tenant=given.tenant), Environment(os.environ))
    secrets = [*access.secrets, *wanted.secrets]

    def say(text: str) -> None:
        sys.stdout.write(without(text, secrets))
        sys.stdout.flush()

    try:
        return _set_up(Grafana(access), wanted, given, say)
    except ClientError as error:
        sys.stdout.flush()
        sys.stderr.write(f"bongsu: {without(str(error), secrets)}\n")
        return error.exit_code


def _set_up(grafana: Grafana, wanted: Wanted, given: argparse.Namespace, say: Callable[[str], None]) -> int:
    version = look(grafana)
    say(f"Grafana {version.text} at {grafana.url}\n{_remarks(wanted, given)}")
    if wanted.prometheus_uid is None and (wanted.has_dashboards or wanted.has_alerts):
        say(
            "without --prometheus-url or --prometheus-uid: no alert rules, and nothing on the dashboard about Bongsu "
            "itself\n"
        )
    if wanted.mysql is not None and wanted.tenant != DEFAULT_SLUG:
        say(f"the dashboards begin with {wanted.tenant}, but who uses this Grafana can see every tenant's rows\n")
    planned = []
    for one in plan(parts(grafana, wanted, version)):
        say(telling.planned_line(one))
        planned.append(one)
    say(f"\n{telling.counted(planned)}\n")
    if given.dry_run:
        say("nothing was changed (--dry-run)\n")
        return int(any(one.step.outcome is Outcome.FAILED for one in planned))
    to_do = [one for one in planned if one.step.outcome.writes]
    if to_do and not (given.yes or _agreed(say)):
        return 2
    return _carried_out(planned, len(to_do), say)


def _carried_out(planned: Sequence[Planned], count: int, say: Callable[[str], None]) -> int:
    numbers = iter(range(1, count + 1))
    all_done = carry_out(
        planned,
        begin=lambda name: say(f"[{next(numbers)}/{count}] {name} … "),
        end=lambda done: say(telling.ended(done)),
    )
    rest = telling.left(planned, all_done)
    say(rest or _ending(planned))
    return _exit_code(all_done, has_rest=bool(rest))


def _ending(planned: Sequence[Planned]) -> str:
    kept = [one.name for one in planned if one.step.outcome is Outcome.KEPT]
    if not kept:
        return "all is as wanted\n"
    return f"not all is as asked for: above stands why this is kept as it is: {', '.join(kept)}\n"


def _remarks(wanted: Wanted, given: argparse.Namespace) -> str:
    """What is to be known before all else, for ``setup`` and ``export``."""
    no_links = "without --docs-url, new alert rules have no runbook links\n"
    return trimmed(given) + (no_links if wanted.has_rules and wanted.docs_url is None else "")


def _exit_code(all_done: Sequence[Done], *, has_rest: bool) -> int:
    stopped = next((done.stopped_by for done in all_done if done.stopped_by is not None), None)
    return stopped.exit_code if stopped is not None else int(has_rest)


def _agreed(say: Callable[[str], None]) -> bool:
    if not _is_terminal():
        say("nothing was changed, as there is no terminal to ask at: run it with --yes\n")
        return False
    say("do that? [y/N] ")
    if sys.stdin.readline().strip().lower() in {"y", "yes"}:
        return True
    say("nothing was changed\n")
    return False


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def run_export(given: argparse.Namespace) -> int:
    """Raises InvalidInput."""
    if given.configmap:
        return _print_config_maps(given)
    wanted = read_wanted_for_files(given, read_settings(tenant=given.tenant), Environment(os.environ))
    files = files_of(wanted, where=given.path)
    sys.stdout.write(_remarks(wanted, given))
    _write(files, given.provisioning)
    for told in take_away(given.provisioning, files):
        sys.stdout.write(f"{told}\n")
    if POLICIES in files:
        sys.stdout.write("policies are not active: Grafana would replace all of yours by them, see in the file\n")
    names = sorted({word[1:] for text in files.values() for word in text.split() if word.startswith("$BONGSU_")})
    if names:
        sys.stdout.write(f"set in Grafana's environment: {', '.join(names)}\n")
    return 0


def _print_config_maps(given: argparse.Namespace) -> int:
    try:
        sys.stdout.write(config_maps(dashboards_of(wanted_dashboards(given)), namespace=given.namespace))
    except ClientError as error:
        sys.stderr.write(f"bongsu: {error}\n")
        return error.exit_code
    return 0


def _write(files: dict[str, str], directory: Path) -> None:
    """Raises InvalidInput."""
    for name, text in files.items():
        path = directory / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        except OSError as error:
            raise InvalidInput("--provisioning", f"{path} can't be written ({error.strerror}): name another") from error
        sys.stdout.write(f"{path}\n")


class _NotAsArgument(argparse.Action):
    """A secret that stands among the arguments. It is not repeated."""

    def __init__(self, *given: Any, name: str, **more: Any) -> None:
        super().__init__(*given, **more)
        self._name = name

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        option = self.option_strings[0]
        parser.error(
            f"a secret after {option} can be read by every user of this machine, and stays in the shell's history: "
            f"write it into a file and name that by {option}-file, or set {self._name}"
        )


def _seconds(text: str) -> float:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= 3600):
        raise argparse.ArgumentTypeError(f"'{text}' is no number of seconds: write a whole one from 1 to 3600")
    return float(int(text[:6]))

"""What to say of each answer by which Grafana refuses, and of none."""

import re

import requests

from bongsu.client.errors import ClientError, NotDone, NotReached, UsedWrongly
from bongsu.why.plain import line

_NO_TLS = re.compile("WRONG_VERSION_NUMBER|UNKNOWN_PROTOCOL|HTTP_REQUEST|record layer failure")
"""What OpenSSL, by its version, says of an answer that is no TLS."""
_FRAME_OF_SSL = re.compile(r"\[SSL(?:: \w+)?\] | \(_ssl\.c:\d+\)")
_ADMIN = "give its service account the role Admin, or those permissions"


def refused(url: str, status: int, told: dict[str, object]) -> ClientError:
    """Of an answer in JSON that is not 2xx."""
    said = _said(told)
    match status:
        case 401:
            return UsedWrongly(
                f"Grafana does not know the credential ({said}): is the token one of a service account of {url} "
                "(glsa_…), and has it not expired? Or, with a user, is the password right?"
            )
        case 403:
            return NotDone(f"the credential may not do that ({said}): {_ADMIN}")
        case 404:
            return NotDone(f"that is not there in Grafana, or is there no more ({said}): run it again, it looks anew")
        case 409:
            return NotDone(f"another one is in its place, or somebody changed it just now ({said})")
        case 412:
            return NotDone(f"{_precondition(told)} ({said})")
        case 400 | 422:
            return NotDone(f"Grafana finds a mistake in it ({said})")
        case 429:
            return NotReached(f"Grafana has too much to do ({said}): run it again in a minute")
        case 502 | 503 | 504:
            return NotReached(f"Grafana can't answer now ({status}: {said}): is it starting, or is its database away?")
    if status >= requests.codes.server_error:
        return NotDone(f"something went wrong in Grafana ({status}: {said}): its log has the rest")
    return NotDone(f"Grafana answers {status} ({said})")


def unreadable(url: str, what: str) -> NotReached:
    """Of an answer that no Grafana gives."""
    return NotReached(
        f"{url} does not answer as Grafana's API ({what}): is the address right, and does no login page or proxy stand "
        "in front of it? If it is served below a path, write that, too: https://example.com/grafana"
    )


def unreachable(url: str, error: requests.RequestException, *, seconds: float, writes: bool) -> NotReached:
    """Of no answer. Never with the request's headers."""
    if isinstance(error, requests.exceptions.SSLError) and _NO_TLS.search(str(error)):
        return NotReached(
            f"{url}: what answers there speaks no TLS. If it speaks http: write http{url[len('https') :]}"
        )
    if isinstance(error, requests.exceptions.SSLError):
        return NotReached(
            f"{url}: TLS failed ({_root(error)}): see to its certificate, or name the authority that signed it by "
            "REQUESTS_CA_BUNDLE=/path/ca.pem"
        )
    if isinstance(error, requests.ConnectTimeout):
        return NotReached(f"{url} can't be reached in time: is the address right, and does a firewall let you through?")
    if isinstance(error, requests.Timeout):
        known = "whether it was done is not known, the next run looks" if writes else "nothing was changed by that"
        return NotReached(f"Grafana did not answer within {seconds:g} s ({known}): give it longer by --timeout")
    if isinstance(error, requests.ConnectionError):
        known = "; whether it was done is not known, the next run looks" if writes else ""
        return NotReached(f"{url} can't be reached ({_root(error)}): does Grafana run there?{known}")
    return NotReached(f"{url}: {type(error).__name__}: is the address right?")


def _precondition(told: dict[str, object]) -> str:
    if told.get("status") == "plugin-dashboard":
        return "it belongs to a plugin of Grafana, which alone may change it"
    if told.get("status") == "name-exists":
        return "another one of that name is there: rename or delete that one"
    return "somebody has changed it since it was looked at, so it was left alone: run it again to see what differs"


def _said(told: dict[str, object]) -> str:
    """Grafana's own words, clipped."""
    words = [str(told[name]) for name in ("message", "error") if told.get(name)]
    return line(": ".join(dict.fromkeys(words)), 300).removesuffix(".") or "it does not say why"


def _root(error: BaseException) -> str:
    """What lies at the bottom of it, such as ``Connection refused``."""
    while error.args and isinstance(error.args[0], BaseException):
        error = error.args[0]
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):
        return _root(reason)
    return line(_FRAME_OF_SSL.sub("", str(error)).rpartition(": ")[2] or type(error).__name__, 100)

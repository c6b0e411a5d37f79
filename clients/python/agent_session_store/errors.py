"""What can go wrong, each kind a class of its own, and how it is told from answers and lost connections."""
import contextlib
import email.utils
import http.client
import json
import ssl
import time
from typing import Any, Optional


class StoreError(Exception):
    """
    The store refused a request or could not be asked. The other errors here are kinds of it.

    status   the HTTP status; None if no answer came
    type     the stable name of the problem, such as "/problems/session-not-found"; decide by this or by the class
    detail   what happened, in words for people
    problem  the whole problem document (RFC 9457), with what else it says: `last_seq`, `current_agent`, `errors`

    outcome_unknown  whether a try of the call was left without an answer, or failed there (500), so that it may have been
                     carried out
    """

    def __init__(self, detail: str, status: Optional[int] = None, problem: Optional[dict[str, Any]] = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.problem: dict[str, Any] = problem or {}
        self.type: Optional[str] = self.problem.get("type")
        self.outcome_unknown = False

    def __str__(self) -> str:
        return self.detail if self.status is None else "%s (HTTP %d)" % (self.detail, self.status)


class StoreUnavailable(StoreError):
    """
    No answer, or "busy", until the tries or the time were used up.

    retry_after  seconds that the store asks to wait
    """

    retry_after = 0.0


class InvalidRequest(StoreError, ValueError):
    """The store takes no such value, or not so much of it; `detail` names the place."""


class AccessDenied(StoreError):
    """The `api_key` is missing, unknown, or not allowed to do this."""


class SessionNotFound(StoreError, LookupError):
    """There is no such session, nor was it soft-deleted."""


class SessionDeleted(StoreError, LookupError):
    """The session is soft-deleted; `Database.restore_session` brings it back."""


class AgentContextNotFound(StoreError, LookupError):
    """No agent was ever at work in the session."""


class ErasureNotFound(StoreError, LookupError):
    """There is no such erasure, or it was done more than 90 days ago."""


class SearchDisabled(StoreError):
    """The service was started without search."""


class Conflict(StoreError):
    """The session is in another state than the request supposes."""


class SessionExists(Conflict):
    """There is a session of this id already."""


class SessionNotDeleted(Conflict):
    """There is nothing to restore."""


class SequenceConflict(Conflict):
    """Somebody else has written since: `problem["last_seq"]` is not what `if_last_seq` says."""


class MessageExists(Conflict):
    """A message with such an `id` is in the session already: `problem["known"]`."""


class DraftTaken(Conflict):
    """Another writer goes on with the draft, or has written more to it than this one: `problem["offset"]` characters."""


class ContextTooSmall(StoreError):
    """Nothing of the session fits; `problem["needed"]` says what would have to, at least."""


class AgentConflict(Conflict):
    """Another agent is at work than `from_agent` says: `problem["current_agent"]`."""


_BY_TYPE = {
    "/problems/session-not-found": SessionNotFound,
    "/problems/session-deleted": SessionDeleted,
    "/problems/session-exists": SessionExists,
    "/problems/session-not-deleted": SessionNotDeleted,
    "/problems/agent-context-not-found": AgentContextNotFound,
    "/problems/erasure-not-found": ErasureNotFound,
    "/problems/search-disabled": SearchDisabled,
    "/problems/sequence-conflict": SequenceConflict,
    "/problems/agent-conflict": AgentConflict,
    "/problems/message-exists": MessageExists,
    "/problems/draft-taken": DraftTaken,
    "/problems/draft-offset": DraftTaken,
    "/problems/context-too-small": ContextTooSmall,
}

_BY_STATUS = {
    400: InvalidRequest, 413: InvalidRequest, 415: InvalidRequest, 422: InvalidRequest,
    401: AccessDenied, 403: AccessDenied,
    409: Conflict, 412: Conflict,
    408: StoreUnavailable, 429: StoreUnavailable, 502: StoreUnavailable, 503: StoreUnavailable, 504: StoreUnavailable,
}


def refusal(response: http.client.HTTPResponse, body: bytes) -> StoreError:
    """What an answer that is no success means."""
    try:
        problem = json.loads(body)
    except ValueError:  # from something on the way, a proxy for instance
        problem = None
    if not isinstance(problem, dict):
        problem = {}
    kind = _BY_TYPE.get(str(problem.get("type")), _BY_STATUS.get(response.status, StoreError))
    error = kind(problem.get("detail") or response.reason or "refused", response.status, problem)
    if isinstance(error, StoreUnavailable):
        error.retry_after = _seconds_of(response.getheader("Retry-After") or "")
    error.outcome_unknown = response.status >= 500 and error.type != "/problems/busy"
    return error


def _seconds_of(retry_after: str) -> float:
    """How long to wait: a number of seconds or, from something on the way, a date; 0 for what is neither."""
    if retry_after.isdecimal():
        return float(retry_after)
    with contextlib.suppress(TypeError, ValueError):
        return max(email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time(), 0.0)
    return 0.0


def unanswered(url: str, failure: Exception, sent: bool) -> StoreError:
    """What a connection that failed means: before a request was sent over it, or afterwards."""
    reason = (isinstance(failure, OSError) and failure.strerror) or str(failure) or type(failure).__name__
    if isinstance(failure, ssl.SSLCertVerificationError):  # will not be better the next time
        return StoreError("cannot trust %s: %s" % (url, failure.verify_message))
    error = StoreUnavailable("%s %s: %s" % ("no answer from" if sent else "cannot reach", url, reason[:1].lower() + reason[1:]))
    error.outcome_unknown = sent
    return error

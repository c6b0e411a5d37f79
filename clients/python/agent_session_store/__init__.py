"""
Agent Session Store from Python: standard library only, Python 3.9 or later.

`Database` has the methods, signatures and answers of the class of that name in the older Python service, and does their
work over HTTP, so that code written for the older class keeps working:

    from agent_session_store import Database

    db = Database("http://127.0.0.1:8080")
    db.save_session("support-4711", [{"role": "user", "content": "hi"}], datetime.utcnow())
    db.load_session("support-4711")["messages"]

Times: naive datetimes are UTC, and every datetime that comes back is naive and UTC. README.md tells what differs from
the older class, and why. What is named here is there to stay; the modules below may change.
"""
from .database import Database
from .draft import Draft
from .errors import (
    AccessDenied,
    AgentConflict,
    AgentContextNotFound,
    Conflict,
    ContextTooSmall,
    DraftTaken,
    ErasureNotFound,
    InvalidRequest,
    MessageExists,
    SearchDisabled,
    SequenceConflict,
    SessionDeleted,
    SessionExists,
    SessionNotDeleted,
    SessionNotFound,
    StoreError,
    StoreUnavailable,
)
from .scope import SessionScope
from .search import FoundMessages
from .tail import DraftTexts, TailEvent

__all__ = [
    "AccessDenied", "AgentConflict", "AgentContextNotFound", "Conflict", "ContextTooSmall", "Database", "Draft",
    "DraftTaken", "DraftTexts", "ErasureNotFound", "FoundMessages", "InvalidRequest", "MessageExists", "SearchDisabled",
    "SequenceConflict", "SessionDeleted", "SessionExists", "SessionNotDeleted", "SessionNotFound", "SessionScope",
    "StoreError", "StoreUnavailable", "TailEvent",
]

"""Several changes of one session as one request."""
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Callable, Optional

from .service import Service
from .shapes import MOST_MESSAGES, Message, Time, path_of, sent_details, with_time


class SessionScope:
    """
    Changes of one session that are made together: messages, a switch of the agent, metadata of the agent's context, and
    details of the session. The store makes them in that order, however they were called. Another session, a second
    switch, details twice, or more than 1000 messages are a ValueError.

    result  None until the scope has ended; then `last_seq` of the session, and where it applies `first_seq` of the
            messages and `agent_switch`
    """

    def __init__(self, translate: Callable[[Iterable[Message]], list[dict[str, Any]]]) -> None:
        self.result: Optional[dict[str, Any]] = None
        self._translate = translate
        self._session_id: Optional[str] = None
        self._turn: dict[str, Any] = {}

    def append(self, session_id: str, message: Message) -> None:
        """Appends a message. The session is created if it is new."""
        self.append_messages(session_id, [message])

    def append_messages(self, session_id: str, messages: Sequence[Message]) -> None:
        """Appends messages, in this order, after those that were appended before."""
        added = self._translate(messages)
        if not added:
            return
        all_of_them = self._turn.get("messages", []) + added
        if len(all_of_them) > MOST_MESSAGES:
            raise ValueError("a scope takes at most %d messages" % MOST_MESSAGES)
        self._set(session_id, "messages", all_of_them)

    def switch_agent(self, session_id: str, to_agent: str, reason: Optional[str] = None,
                     from_agent: Optional[str] = None, metadata: Optional[Mapping[str, Any]] = None) -> None:
        """Hands the session to another agent; with `from_agent` only if that one is still at work (AgentConflict)."""
        if "agent_switch" in self._turn:
            raise ValueError("a scope takes one switch")
        switch = {"to_agent": to_agent, "reason": reason, "from_agent": from_agent, "metadata": metadata}
        self._set(session_id, "agent_switch", {name: value for name, value in switch.items() if value is not None})

    def set_metadata(self, session_id: str, metadata: Mapping[str, Any]) -> None:
        """
        Replaces the metadata of the agent's context. A session without one, and without a switch in this scope to make
        one, is AgentContextNotFound at the end.
        """
        self._set(session_id, "agent_context", {"metadata": dict(metadata)})

    def add_details(self, session_id: str, *, owner: Optional[str] = None, title: Optional[str] = None,
                    labels: Optional[Mapping[str, str]] = None, expires_at: Optional[Time] = None,
                    metadata: Optional[Mapping[str, Any]] = None) -> None:
        """
        Sets what the session does not have yet, labels by name; what it has stays. The arguments are those of
        `Database.create_session`. The session is created if it is new.
        """
        if "session" in self._turn:
            raise ValueError("a scope takes details once")
        details = sent_details(None, owner, title, labels, expires_at, metadata)
        if details:
            self._set(session_id, "session", details)

    def _set(self, session_id: str, name: str, value: Any) -> None:
        if self._session_id not in (None, session_id):
            raise ValueError("a scope changes one session: %r, not %r as well" % (self._session_id, session_id))
        self._session_id = session_id
        self._turn[name] = value

    def _commit(self, service: Service) -> None:
        if self._session_id is None:
            return
        self.result = service.once(path_of(self._session_id, "turns"), self._turn)
        if "agent_switch" in self.result:
            self.result["agent_switch"] = with_time(self.result["agent_switch"], "switched_at")

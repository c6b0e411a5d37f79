"""A message while it is being written, across lost connections."""
import contextlib
import itertools
import threading
import time
from types import TracebackType
from typing import Any, Callable, Optional

from .errors import DraftTaken, StoreError, StoreUnavailable
from .service import Service
from .shapes import Message, json_text, path_of, path_of_draft, sent_message, with_time
from .upload import Upload

_LONGEST_PIECE = 16 * 1024  # characters; the store takes lines as long as a message
_MOST_PLACES = 5  # at which one try looks for the draft
_LONGEST_GOODBYE = 2.0  # seconds
_SHORTEST_REST = 1.0  # seconds in which a draft that was refused is not told again
_NDJSON = {"Content-Type": "application/x-ndjson"}
_JSON = {"Content-Type": "application/json"}


class Draft:
    """
    A message while it is being written. What is written is seen at once by those who follow the session with
    `tail(drafts=True)`; the message itself is there with the commit, like one that was appended.

    session_id  where it is written
    message_id  the `id` that the message will have
    result      None until the commit; then what `append_messages` answers

    At the end of its `with` block the message is committed, with the text as the content of an assistant. An exception
    discards the draft instead, and so does a text that is empty. `commit`, `discard` and `leave_open` in the block
    decide otherwise.

    Nothing is written in the background. After 60 seconds in which nothing is written the store takes the draft away
    from those who follow it, and gives it back with the next `write`; `write("")` says that it still goes on. All
    methods may be called from any thread.

    A lost connection and a busy store are tried again as all calls are, and the text goes on where the store has it. A
    `write` that fails with StoreUnavailable has kept its text: the next one sends it too. While the store can't hold the
    draft, because there are too many, say, a `write` keeps the text, and waits for nothing; a later one sends it.
    """

    def __init__(self, service: Service, session_id: str, message_id: str, text: str, create: bool,
                 empty_content: str) -> None:
        self.session_id = session_id
        self.message_id = message_id
        self.result: Optional[dict[str, Any]] = None
        self._service = service
        self._path = path_of_draft(session_id, message_id)
        self._create = create
        self._empty_content = empty_content
        self._lock = threading.Lock()
        self._pieces = [text]
        self._length = len(text)
        self._offset: Optional[int] = len(text)  # where the store has the draft; None if that is not known
        self._upload: Optional[Upload] = None  # on which all of the text was sent
        self._rests_until: Optional[float] = None  # since the store did not hold it; None if it never refused to
        self._ended_in_vain = False  # whether a busy store has refused its end
        self._ended = False
        self._taken: Optional[DraftTaken] = None

    def __repr__(self) -> str:
        return "Draft(%r, %r)" % (self.session_id, self.message_id)

    @property
    def text(self) -> str:
        """All that was written."""
        return "".join(self._pieces)

    def write(self, text: str) -> None:
        """
        Adds to the text. Raises what a commit would, as far as the store knows it by now: SessionDeleted, or
        InvalidRequest for a text that is longer than a message may be; and DraftTaken if another writer goes on with it.
        """
        lines = _lines(text)
        with self._lock:
            self._require_open()
            self._pieces.append(text)
            self._length += len(text)
            self._try(lambda deadline: self._write(lines, deadline))

    def commit(self, message: Optional[Message] = None) -> dict[str, Any]:
        """
        Ends the draft with its message, once however often it is tried, and answers what `append_messages` does. Where the
        store can't hold the draft the message is appended all the same.

        message  as for `append_messages`; what it does not have is the role "assistant" and the text as `content`

        Raises MessageExists if there is another message of that `id`. After an error the draft is open.
        """
        with self._lock:
            self._require_open()
            said = {"role": "assistant", "content": self.text, **(message or {})}
            sent = sent_message(said, "message", self._empty_content)
            self._ended_in_vain = False
            self.result = with_time(self._try(lambda deadline: self._commit(sent, deadline)))
            self._ended = True
            return self.result

    def discard(self) -> None:
        """Ends the draft without a message."""
        with self._lock:
            self._require_open()
            self._try(self._discard)
            self._ended = True

    def leave_open(self) -> None:
        """
        Stops writing, and leaves the draft to another writer, who goes on with `Database.draft(…, text=…)`, also in
        another process. The store discards it after 60 seconds without one.
        """
        with self._lock:
            self._require_open()
            self._try(self._leave)
            self._ended = True

    def __enter__(self) -> "Draft":
        self.write("")
        return self

    def __exit__(self, kind: Optional[type[BaseException]], failure: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        if self._ended:
            return
        if failure is None:
            if self._length:
                self.commit()
            else:
                self.discard()
        elif self._taken is None:
            self._say_goodbye(failure)

    def _say_goodbye(self, failure: BaseException) -> None:
        """Discards it if that is possible at once; nothing must hide why the block ended."""
        with self._lock:
            self._ended = True
            if self._upload is None and isinstance(failure, StoreUnavailable):
                return  # it is not to be reached, and may have the message; what is silent it discards by itself
            with contextlib.suppress(StoreError):
                self._in_place(self._discard, time.monotonic() + min(self._service.timeout, _LONGEST_GOODBYE))

    def _require_open(self) -> None:
        if self._taken is not None:
            raise self._taken
        if self._ended:
            raise ValueError("the draft has ended")

    def _try(self, attempt: Callable[[float], Any]) -> Any:
        return self._service.tried(lambda deadline: self._in_place(attempt, deadline))

    def _in_place(self, attempt: Callable[[float], Any], deadline: float) -> Any:
        """An attempt, made again at once where the store has less of the text than was thought."""
        for places in itertools.count(1):
            try:
                return attempt(deadline)
            except DraftTaken as elsewhere:
                offset = elsewhere.problem.get("offset")
                if not isinstance(offset, int) or offset > self._length or places == _MOST_PLACES:
                    self._taken = elsewhere
                    raise
                self._offset = offset

    def _write(self, lines: bytes, deadline: float) -> None:
        upload, self._upload = self._upload, None  # unless all goes well
        try:
            if upload is not None:
                upload.send(lines, deadline)
            elif self._rests_until is None or time.monotonic() >= self._rests_until:
                upload = self._begin(deadline)
        except StoreError as refused:
            if not _is_not_held(refused) or refused.type == "/problems/too-large":  # as its message would be
                raise
            upload = None
            self._rests_until = time.monotonic() + max(getattr(refused, "retry_after", 0.0), _SHORTEST_REST)
        self._upload = upload

    def _begin(self, deadline: float) -> Upload:
        """Goes on where the store has the draft, with all that it does not have."""
        if self._offset is None:  # a request without a line answers where it is; one that is open answers at its end
            self._offset = self._post(self._length, b"", deadline)["offset"]
        offset, self._offset = self._offset, None
        upload = self._service.upload(self._at(offset), _NDJSON, deadline)
        upload.send(_lines(self.text[offset:]), deadline)
        return upload

    def _end(self, ending: bytes, deadline: float) -> Any:
        upload, self._upload = self._upload, None
        if upload is not None:
            return self._service.parsed(upload.finish(ending, deadline))
        return self._post(self._length if self._offset is None else self._offset, ending, deadline)

    def _commit(self, message: dict[str, Any], deadline: float) -> Any:
        try:
            return self._end(_line({"message": message}), deadline)
        except StoreError as refused:
            if not _is_not_held(refused):
                raise
            is_full = self._ended_in_vain or refused.type == "/problems/too-many-drafts"
            if isinstance(refused, StoreUnavailable) and not is_full:
                self._ended_in_vain = True  # another try may tell that somebody else writes to it
                refused.retry_after = 0.0  # the message need not wait for a draft
                raise
            outcome_unknown = refused.outcome_unknown
        path = path_of(self.session_id, "messages") + ("" if self._create else "?create=false")
        appended = json_text({**message, "id": self.message_id}).encode()
        try:
            return self._service.attempt("POST", path, appended, _JSON, deadline)
        except StoreError as error:
            error.outcome_unknown |= outcome_unknown
            raise

    def _discard(self, deadline: float) -> None:
        if self._upload is None and self._offset == 0:
            return  # there is nothing
        is_told = self._upload is not None or self._rests_until is None
        try:
            self._end(_line({"discard": True}), deadline)
        except StoreError as refused:
            if is_told or not _is_not_held(refused):
                raise  # else the store has none, or discards it by itself since it is silent

    def _leave(self, deadline: float) -> None:
        if self._upload is not None:
            self._end(b"", deadline)
        else:
            self._end(_lines(self.text[self._length if self._offset is None else self._offset:]), deadline)

    def _post(self, offset: int, lines: bytes, deadline: float) -> Any:
        return self._service.attempt("POST", self._at(offset), lines, _NDJSON, deadline)

    def _at(self, offset: int) -> str:
        return self._path + "?offset=%d" % offset + ("" if self._create else "&create=false")


def _is_not_held(refused: StoreError) -> bool:
    """Whether the store may take the message, though it does not hold the draft."""
    return refused.status is not None and (refused.status in (413, 429) or refused.status >= 500)


def _lines(text: str) -> bytes:
    """At least one line, which says nothing but that the draft goes on."""
    return b"".join(_line({"text": text[i:i + _LONGEST_PIECE]}) for i in range(0, max(len(text), 1), _LONGEST_PIECE))


def _line(said: dict[str, Any]) -> bytes:
    return json_text(said).encode() + b"\n"

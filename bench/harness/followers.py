"""Clients of tails: as many open streams as wanted, in one process of their own, that check what comes as they count it."""

import multiprocessing
import re
import select
import signal
import socket
import time

MESSAGE = re.compile(rb"id: ?(\d+)[^\n]*\nevent: ?message\n")
DRAFT = re.compile(rb"event: ?draft\n")
READY = re.compile(rb"id: ?(\d+)[^\n]*\nevent: ?ready\n")
BYE = re.compile(rb"event: ?bye\n")
SENT_AT = re.compile(rb'"(?:content|text)":"at (\d+) ')

# Streams that are asked for and not there yet: no more than a server takes from its queue at once.
OPENING = 256


def sent_at(moment):
    """What a message has to begin with so that followers know how old it is; of time.monotonic()."""
    return f"at {int(moment * 1e9)} "


class Stream:
    """One tail: each message has to be the one after the last."""

    __slots__ = ("socket", "rest", "last", "ready", "bye", "ended")

    def __init__(self, port, path, receive_buffer):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", port))
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n".encode())
        self.socket.setblocking(False)
        self.rest = b""
        self.last = 0
        self.ready = self.bye = self.ended = False


class Streams:
    """All of them, in the process that reads them. What is public here is what Followers.ask can ask for."""

    def __init__(self, pipe, pause):
        self.pipe = pipe
        self.pause = pause
        self.epoll = select.epoll()
        self.epoll.register(pipe, select.EPOLLIN)
        self.streams = {}
        self.buffer = bytearray(256 * 1024)
        self.view = memoryview(self.buffer)
        self.waiting = 0
        self.messages = 0
        self.pieces = 0
        self.wrong = []
        self.ages = []

    def serve(self):
        while True:
            self._read(1)
            if self.pipe.poll():
                question, arguments = self.pipe.recv()
                try:
                    self.pipe.send(getattr(self, question)(*arguments))
                except (RuntimeError, OSError) as error:
                    self.pipe.send(error)
            if self.pause:
                time.sleep(self.pause)

    def open(self, port, paths, receive_buffer):
        """Opens a tail of each path; returns when all are ready."""
        for path in paths:
            stream = Stream(port, path, receive_buffer)
            self.streams[stream.socket.fileno()] = stream
            self.epoll.register(stream.socket, select.EPOLLIN)
            self.waiting += 1
            self._await_ready(OPENING)
        self._await_ready(0)

    def close(self):
        for stream in self.streams.values():
            stream.socket.close()
        self.streams.clear()
        self.forget()

    def stall(self):
        """Stops reading."""
        for stream in self.streams.values():
            self.epoll.unregister(stream.socket)

    def read_on(self):
        for stream in self.streams.values():
            self.epoll.register(stream.socket, select.EPOLLIN)

    def forget(self):
        """Counts from here."""
        self.messages, self.pieces, self.wrong, self.ages = 0, 0, [], []

    def counts(self):
        """Messages of all streams since forget(), how many said bye, how many ended, and what was wrong."""
        streams = self.streams.values()
        return (self.messages, sum(stream.bye for stream in streams), sum(stream.ended for stream in streams),
                self.wrong[:3])

    def count_pieces(self):
        """How often drafts were told of since forget(); what comes fast may come together."""
        return self.pieces

    def take_ages(self):
        """How long each message took until it was read, in milliseconds, of those that say when they were sent."""
        return self.ages

    def _await_ready(self, most):
        deadline = time.monotonic() + 60
        while self.waiting > most:
            self._read(1)
            if self.wrong or time.monotonic() > deadline:
                got = next((stream.rest for stream in self.streams.values() if not stream.ready), b"")
                raise RuntimeError(f"{self.waiting} tails are not ready, {self.wrong[:1]}; one has got {got[:200]}")

    def _read(self, seconds):
        for number, _ in self.epoll.poll(seconds):
            stream = self.streams.get(number)
            if stream:
                self._take(stream)

    def _take(self, stream):
        try:
            size = stream.socket.recv_into(self.buffer)
        except BlockingIOError:
            return
        except OSError:
            size = 0
        if not size:
            stream.ended = True
            self.epoll.unregister(stream.socket)
            if not stream.ready:
                self.wrong.append(f"instead of a stream came {stream.rest[:200]}")
            return
        text = stream.rest + self.view[:size]
        end = text.rfind(b"\n\n") + 2
        if end < 2:
            stream.rest = text
            return
        stream.rest = text[end:]
        self._count(stream, text[:end])

    def _count(self, stream, text):
        if not stream.ready:
            ready = READY.search(text)
            if not ready:
                self.wrong.append(f"no stream: {text[:200]}")
                return
            stream.ready = True
            stream.last = int(ready[1])
            self.waiting -= 1
        numbers = [int(number) for number in MESSAGE.findall(text)]
        if numbers:
            self.messages += len(numbers)
            if numbers != list(range(stream.last + 1, stream.last + len(numbers) + 1)):
                self.wrong.append(f"after message {stream.last} came {numbers[:5]}")
            stream.last = numbers[-1]
        self.pieces += len(DRAFT.findall(text))
        now = time.monotonic_ns()
        self.ages += [(now - int(sent)) / 1e6 for sent in SENT_AT.findall(text)]
        if BYE.search(text):
            stream.bye = True


def _serve(pipe, pause):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        Streams(pipe, pause).serve()
    except EOFError:
        pass


class Followers:
    """
    The process of the clients, seen from outside. With a pause it looks at its streams only that often (in seconds), which
    costs much less on a machine that it shares with the service; for latencies it must not have one.
    """

    def __init__(self, pause=0.2):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=_serve, args=(theirs, pause), daemon=True)
        self.process.start()
        theirs.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.join()

    def ask(self, question, *arguments, seconds=300):
        self.pipe.send((question, arguments))
        if not self.pipe.poll(seconds):
            raise RuntimeError(f"the followers did not answer to {question} within {seconds} s")
        answer = self.pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def open(self, service, paths, receive_buffer=0):
        self.ask("open", service.port, paths, receive_buffer)

    def close(self):
        self.ask("close")

    def await_pieces(self, count, seconds=10):
        """Until drafts were told of so often since forget(); a RuntimeError if they are not."""
        deadline = time.monotonic() + seconds
        while (pieces := self.ask("count_pieces")) < count:
            if time.monotonic() > deadline:
                raise RuntimeError(f"only {pieces} pieces of drafts came, of {count} at least")
            time.sleep(0.05)

    def await_messages(self, count, seconds=30, more=False):
        """Until so many have come since forget(); a RuntimeError if they do not, or others, or more where there must not."""
        deadline = time.monotonic() + seconds
        while True:
            messages, _, ended, wrong = self.ask("counts")
            if wrong or ended or (messages > count and not more):
                raise RuntimeError(f"{messages} messages of {count} came, {ended} streams ended; {'; '.join(wrong)}")
            if messages >= count:
                return
            if time.monotonic() > deadline:
                raise RuntimeError(f"only {messages} messages of {count} came within {seconds} s")
            time.sleep(0.05)

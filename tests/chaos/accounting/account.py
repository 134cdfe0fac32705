"""The account of every message: accepted, turn, sends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.chaos.accounting.bot import NOWHERE, Answer, move, read_answer
from tests.chaos.accounting.doubles import Double, find_doubles
from tests.chaos.accounting.evidence import Copy, Evidence, Key, Send, Turn
from tests.chaos.accounting.script import CLOCK_AHEAD

LONGEST_WAIT = 10.0
"""Seconds: more than any ``retry_after`` of a run, and than processes take to see that the clock was set."""

_UNFINISHED = ("pending", "started")


@dataclass(slots=True)
class Account:
    """What became of every message. Keys are (chat, number).

    Args:
        said: how many messages there were.
        answered: how many of them the provider has an answer to.
        lost: neither answered nor parked.
        parked: given up after the allowed number of attempts, visible and to be retried: counted apart.
        doubles: copies that were too many.
        disordered: answers that the provider accepted after the answer to a later message, without the right to.
        late: answers that came after those of later messages because the messages did.
        wrong: answers that do not say what the model says.
        strayed: chats whose final state is not the model's.
        endless: begun more often than allowed, and still not finished.
        invented: texts at the provider that answer nothing that was said.
        impatient: calls before a ``retry_after`` was over.
        hurried: the same, where the clock that it is kept by was set ahead in the meantime: counted apart.
        latencies: seconds from each message to the first copy of its answer, sorted.
        misshown: what a page shows otherwise than it was said and stored.
        news: the same of what a hook told.
        web: the same of web chats.
    """

    said: int = 0
    answered: int = 0
    lost: list[Key] = field(default_factory=list)
    parked: list[Key] = field(default_factory=list)
    doubles: list[Double] = field(default_factory=list)
    disordered: list[Key] = field(default_factory=list)
    late: list[Key] = field(default_factory=list)
    wrong: list[Key] = field(default_factory=list)
    strayed: list[int] = field(default_factory=list)
    invented: list[Key] = field(default_factory=list)
    endless: list[Key] = field(default_factory=list)
    impatient: int = 0
    hurried: int = 0
    latencies: list[float] = field(default_factory=list)
    misshown: list[str] = field(default_factory=list)
    news: Account | None = None
    web: Account | None = None

    @property
    def unexplained(self) -> list[Double]:
        """The doubles without a cause in the named window."""
        return [double for double in self.doubles if not double.cause]

    @property
    def holds(self) -> bool:
        """Whether every promise was kept."""
        broken = (self.lost, self.disordered, self.wrong, self.strayed, self.invented, self.endless, self.unexplained)
        others = all(other is None or other.holds for other in (self.news, self.web))
        return not any(broken) and not self.misshown and not self.impatient and others

    def percentile(self, share: float) -> float:
        """Return a latency that so large a share of all does not exceed, in seconds; 0 where there is none."""
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))] if self.latencies else 0.0


def settle(evidence: Evidence) -> Account:
    """Make the account of a run."""
    said = {entry.key: entry for entry in evidence.said}
    first = _firsts(evidence)
    parked = [key for key in said if _is_parked(evidence, key)]
    hurried = sum(_is_hurried(evidence, at) for at in evidence.impatient)
    account = Account(
        said=len(said),
        answered=len(first.keys() & said.keys()),
        lost=sorted(said.keys() - first.keys() - set(parked)),
        parked=parked,
        doubles=find_doubles(evidence),
        invented=sorted(first.keys() - said.keys()),
        endless=sorted(_endless(evidence)),
        impatient=len(evidence.impatient) - hurried,
        hurried=hurried,
        latencies=sorted(first[key].at - entry.at for key, entry in said.items() if key in first),
        misshown=evidence.misshown,
        news=None if evidence.news is None else settle(evidence.news),
        web=None if evidence.web is None else settle(evidence.web),
    )
    _check_order(account, evidence)
    _check_answers(account, evidence)
    return account


def _firsts(evidence: Evidence) -> dict[Key, Copy]:
    """Return the first copy of every answer, in the order of the provider's accepting them."""
    first: dict[Key, Copy] = {}
    for copy in evidence.copies:
        first.setdefault(copy.key, copy)
    return first


def _is_parked(evidence: Evidence, key: Key) -> bool:
    turn, send = evidence.turns.get(key), evidence.sends.get(key)
    return (turn is not None and turn.status == "parked") or (send is not None and send.status == "parked")


def _endless(evidence: Evidence) -> set[Key]:
    """Return what is still to be done though it was begun more often than it may be."""
    rows: list[tuple[Turn | Send, int]] = [(row, evidence.most_turns) for row in evidence.turns.values()]
    rows += [(row, evidence.most_sends) for row in evidence.sends.values()]
    return {row.key for row, most in rows if row.status in _UNFINISHED and 0 < most < row.attempts}


def _is_hurried(evidence: Evidence, at: float) -> bool:
    """Whether the clock was set ahead while a call should have waited."""
    jumps = (trouble.began for trouble in evidence.troubles if trouble.kind == CLOCK_AHEAD)
    return any(at - LONGEST_WAIT < jump < at for jump in jumps)


def _check_order(account: Account, evidence: Evidence) -> None:
    """Find the answers that came after the answer to a later message, doubles apart."""
    swapped = {entry.key for entry in evidence.said if entry.swapped}
    highest: dict[int, int] = {}
    for copy in _firsts(evidence).values():
        chat, number = copy.key
        if number < highest.get(chat, -1):
            turn = evidence.turns.get(copy.key)
            excused = copy.key in swapped and turn is not None and turn.late
            (account.late if excused else account.disordered).append(copy.key)
        highest[chat] = max(number, highest.get(chat, -1))


def _check_answers(account: Account, evidence: Evidence) -> None:
    """Let the model answer every message in the order of the turns, and compare."""
    texts = {send.key: send.text for send in evidence.sends.values()}
    texts |= {copy.key: copy.text for copy in evidence.copies}
    model: dict[int, str] = defaultdict(lambda: NOWHERE)
    words = {entry.key: entry.word for entry in evidence.said}
    for turn in _in_order(evidence):
        chat, number = turn.key
        answer = read_answer(texts.get(turn.key, ""))
        expected = Answer(chat, number, words.get(turn.key, ""), model[chat], answer is None or answer.ok)
        if answer != expected:
            account.wrong.append(turn.key)
        model[chat] = move(model[chat], words.get(turn.key, "stay"), answer is None or answer.ok)
    chats = model.keys() | evidence.states.keys()
    account.strayed = sorted(chat for chat in chats if evidence.states.get(chat, NOWHERE) != model[chat])


def _in_order(evidence: Evidence) -> Iterator[Turn]:
    """The turns that came to an end, as they did."""
    done = [turn for turn in evidence.turns.values() if turn.status == "done" and turn.place is not None]
    return iter(sorted(done, key=lambda turn: turn.place or 0))

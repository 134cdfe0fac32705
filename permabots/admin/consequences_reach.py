"""Which states are no longer reached or left, and which handlers are no longer chosen, after a change of handlers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from permabots.admin.diagram.pages import said
from permabots.engine.definitions import HandlerDefinition
from permabots.engine.reachability import Reach, reach
from permabots.models import Bot, ChatState


def changes(
    bot: Bot, before: Sequence[HandlerDefinition], after: Sequence[HandlerDefinition], gone: Collection[str] = ()
) -> Iterator[str]:
    """Yield sentences about what happens to a bot's states and handlers.

    Args:
        bot: the bot that has the handlers.
        before: the bot's handlers now, in the order they are tried.
        after: the bot's handlers after the change.
        gone: the ids of states that are deleted.
    """
    names = {str(pk): name for pk, name in bot.states.order_by("name").values_list("pk", "name")}
    chats = {str(pk) for pk in ChatState.objects.filter(state__bot=bot).values_list("state", flat=True).distinct()}
    was, now = reach(before, chats), reach(after, chats.difference(gone))
    was_left, is_left = _left(before, was), _left(after, now)
    for pk, name in names.items():
        if pk in gone:
            continue
        if pk in was.states and pk not in now.states:
            yield f"No chat comes to the state “{name}” any more."
        elif pk in now.states and _leaves(pk, was_left) and not _leaves(pk, is_left):
            yield f"The state “{name}” becomes a dead end: no handler leads out of it."
    for handler in after:
        if handler.enabled and handler.id not in was.unreachable and handler.id in now.unreachable:
            yield f"Handler “{handler.name}” is {said(now.unreachable[handler.id])}."


def _left(handlers: Sequence[HandlerDefinition], found: Reach) -> dict[str | None, set[str]]:
    """Return the targets of the handlers that can be chosen, by their source states; None for those in every state."""
    targets: dict[str | None, set[str]] = {}
    for it in handlers:
        if it.target_state is not None and it.id not in found.unreachable:
            for source in it.source_states or (None,):
                targets.setdefault(source, set()).add(it.target_state.id)
    return targets


def _leaves(state: str, targets: Mapping[str | None, Collection[str]]) -> bool:
    """Whether a handler leads out of a state."""
    return any(target != state for source in (None, state) for target in targets.get(source, ()))

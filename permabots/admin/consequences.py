"""Consequences of a deletion, in sentences with names, shown before it is confirmed."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from permabots.admin import bot_page
from permabots.admin.consequences_reach import changes
from permabots.engine.definitions import HandlerDefinition, state_key
from permabots.models import Bot, ChatState, Recipient, State
from permabots.models.registry import model_of, providers


def of_states(rows: Sequence[State]) -> Iterator[str]:
    """Yield what happens to handlers, chats, tests and other states."""
    for bot, group in _by_bot(rows):
        gone, handlers = {str(row.pk) for row in group}, bot.definition().handlers
        after = tuple(_without_states(it, gone) for it in handlers)
        for old, new in zip(handlers, after, strict=True):
            if old.enabled and not new.enabled:
                yield f"Handler “{old.name}” is disabled: it answers in no other state."
            elif new.enabled and old.target_state is not new.target_state:
                yield f"Handler “{old.name}” leaves the chat where it is: it led to “{_target(old)}”."
        for row in group:
            yield from _of_state(bot, row)
        yield from changes(bot, handlers, after, gone)


def _without_states(handler: HandlerDefinition, gone: set[str]) -> HandlerDefinition:
    """Return a handler as it is once these states are gone."""
    sources = handler.source_states - gone
    target = handler.target_state
    return replace(
        handler,
        source_states=sources or handler.source_states,
        enabled=handler.enabled and bool(sources or not handler.source_states),
        target_state=None if target is not None and target.id in gone else target,
    )


def _target(handler: HandlerDefinition) -> str:
    return handler.target_state.name if handler.target_state else ""


def _of_state(bot: Bot, state: State) -> Iterator[str]:
    if number := ChatState.objects.filter(state=state).count():
        yield f"Chats that are in “{state}” now: {number}. They are in no state then, and remember nothing."
    for test in bot.conversation_tests.exclude(state=None).defer("steps").order_by("name"):
        if state_key(test.state or "") == state.key:
            yield f"Test “{test}” begins in “{state}”, and fails then."


def of_handlers(rows: Sequence[Any]) -> Iterator[str]:
    """Yield what the handlers answered lately, and what happens to other handlers and to states."""
    for bot, group in _by_bot(rows):
        gone, handlers = {str(row.pk) for row in group}, bot.definition().handlers
        looked_at, counts = bot_page.answered(bot)
        for row in group:
            if number := counts[str(row.pk)]:
                yield f"Handler “{row}” answered {number} of the newest {looked_at} messages."
        yield from changes(bot, handlers, tuple(it for it in handlers if it.id not in gone))


def of_variables(rows: Sequence[Any]) -> Iterator[str]:
    """Yield which handlers and hooks read the variables."""
    for bot, group in _by_bot(rows):
        sources = {f"Handler “{it.name}”": _texts(it) for it in bot.definition().handlers}
        for hook in bot.hooks.select_related("response"):
            answer = [hook.response.text_template, hook.response.keyboard_template]
            sources[f"Hook “{hook}”"] = [*answer, hook.recipients_template]
        for row in group:
            key = re.escape(row.key)
            # env.key, env['key'] and env.get('key')
            read = re.compile(rf"\benv\s*(?:\.\s*{key}(?!\w)|(?:\[|\.\s*get\()\s*(['\"]){key}\1)")
            for name, texts in sources.items():
                if any(read.search(text) for text in texts):
                    yield f"{name} reads “{row.key}”, and finds nothing there then."


def _texts(handler: HandlerDefinition) -> list[str]:
    """Return all templates of a handler."""
    texts = [handler.response.text_template, handler.response.keyboard_template]
    if (request := handler.request) is not None:
        data = request.data if isinstance(request.data, str) else json.dumps(request.data, ensure_ascii=False)
        parameters = (*request.url_parameters, *request.header_parameters)
        texts += [request.url_template, data.replace('\\"', '"'), *(it.value_template for it in parameters)]
    return texts


def of_accounts(rows: Sequence[Any]) -> Iterator[str]:
    """Yield which bots answer nowhere, and which hooks tell fewer people."""
    for bot, group in _by_bot([row for row in rows if getattr(row, "bot", None) is not None]):
        for row in group:
            name = row.provider.name
            yield f"“{bot}” answers nobody on {name} any more, and the webhook there is removed."
            recipients = Recipient.objects.filter(hook__bot=bot, provider=row.SLUG)
            for hook in bot.hooks.filter(pk__in=recipients.values("hook")):
                number = recipients.filter(hook=hook).count()
                yield f"Hook “{hook}” does not reach its recipients on {name} any more: {number}."


def of_hooks(rows: Sequence[Any]) -> Iterator[str]:
    """Yield which addresses stop existing."""
    for row in rows:
        yield f"Hook “{row}” is at {bot_page.hook_address(row)}. Whoever posts there gets a 404."


def of_bots(rows: Sequence[Bot]) -> Iterator[str]:
    """Yield where bots stop answering, and which hooks stop taking posts."""
    for bot in rows:
        accounts_of_bot = (model_of(slug).objects.filter(bot=bot) for slug in providers())
        yield from of_accounts([row for accounts in accounts_of_bot for row in accounts])
        yield from of_hooks(list(bot.hooks.all()))


def of_chat_states(rows: Sequence[ChatState]) -> Iterator[str]:
    """Yield that a chat begins anew."""
    for row in rows:
        yield f"{row.conversation} is in no state then, as before its first message, and remembers nothing."


def _by_bot(rows: Iterable[Any]) -> list[tuple[Bot, list[Any]]]:
    """Return the bots of rows, each with its rows."""
    bots: dict[Any, Bot] = {}
    groups: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        bots[row.bot.pk] = row.bot
        groups[row.bot.pk].append(row)
    return [(bots[pk], group) for pk, group in groups.items()]

"""The script of a run is made from its seed alone."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.chaos.accounting.posts import EVERY, MOST_TOLD, listeners, write_posts
from tests.chaos.accounting.script import STEPS, Deed, Fault, write_script

COUNT, CHATS = 2000, 100


def test_the_same_seed_gives_the_same_script() -> None:
    assert write_script(COUNT, CHATS, 7) == write_script(COUNT, CHATS, 7)


def test_another_seed_gives_another_script() -> None:
    assert write_script(COUNT, CHATS, 7) != write_script(COUNT, CHATS, 8)


def test_every_message_is_said_once_and_numbered_in_its_chat() -> None:
    script = write_script(COUNT, CHATS, 7)
    assert sorted(script.order) == list(range(COUNT))
    for chat in {message.chat for message in script.messages}:
        numbers = [message.number for message in script.messages if message.chat == chat]
        assert numbers == list(range(len(numbers)))


def test_only_messages_that_are_said_too_late_change_places() -> None:
    script = write_script(COUNT, CHATS, 7)
    later = {index for place, index in enumerate(script.order) if index < place}
    assert later == {message.index for message in script.messages if message.swapped}


def test_a_fifth_of_the_turns_is_killed() -> None:
    harms = [harm for message in write_script(10_000, 500, 1).messages for harm in message.harms]
    kills = Counter(harm.deed for harm in harms)[Deed.KILL]
    assert 1800 < kills < 2200


def test_no_message_is_killed_more_often_than_it_may_be_begun() -> None:
    assert max(len(message.harms) for message in write_script(10_000, 500, 1).messages) == 2


def test_ten_thousand_messages_see_twenty_whole_workers_killed() -> None:
    kinds = Counter(step.kind for step in write_script(10_000, 500, 1).steps)
    assert kinds["worker killed"] >= 20
    assert kinds.keys() == STEPS.keys()


def test_a_short_run_has_every_step_once_and_in_time() -> None:
    steps = write_script(50, 10, 1).steps
    assert Counter(step.kind for step in steps) == dict.fromkeys(STEPS, 1)
    assert all(step.after <= 50 for step in steps)
    assert list(steps) == sorted(steps, key=lambda step: step.after)


@pytest.mark.parametrize("fault", Fault)
def test_what_is_not_asked_for_does_not_happen(fault: Fault) -> None:
    script = write_script(COUNT, CHATS, 7, [other for other in Fault if other is not fault])
    assert not {step.kind for step in script.steps if STEPS[step.kind][0] is fault}
    match fault:
        case Fault.KILL | Fault.PAUSE:
            assert fault.value not in {harm.deed.value for message in script.messages for harm in message.harms}
        case Fault.PROVIDER | Fault.API:
            assert not any(getattr(message, fault.value) for message in script.messages)
        case Fault.WEBHOOKS:
            assert not any(message.swapped or message.repeats for message in script.messages)
        case Fault.RACE:
            assert not any(message.wakeups for message in script.messages)
        case Fault.HOOKS:
            assert write_posts(script, [other for other in Fault if other is not fault]) == ()


def test_leaving_a_fault_out_leaves_the_messages_as_they_were() -> None:
    everything, less = write_script(COUNT, CHATS, 7), write_script(COUNT, CHATS, 7, [Fault.KILL])
    assert [m.text for m in everything.messages] == [m.text for m in less.messages]
    assert [m.chat for m in everything.messages] == [m.chat for m in less.messages]


def test_posts_are_made_from_the_seed_and_while_messages_are_said() -> None:
    script = write_script(COUNT, CHATS, 7)
    posts = write_posts(script)
    assert posts == write_posts(script) != write_posts(write_script(COUNT, CHATS, 8))
    assert [post.number for post in posts] == list(range(COUNT // EVERY))
    assert all(post.after < COUNT for post in posts)


def test_whoever_tells_a_post_is_killed_half_of_the_time() -> None:
    script = write_script(10_000, 500, 1)
    posts = write_posts(script)
    assert 0.4 < sum(bool(post.harms) for post in posts) / len(posts) < 0.6
    assert {post.chat for post in posts} <= {*listeners(script)}
    assert not any(post.harms for post in write_posts(script, [Fault.HOOKS]))
    assert not any(post.poison for post in posts)


def test_a_short_run_has_a_post_and_tells_all_its_chats() -> None:
    script = write_script(5, 2, 1)
    assert len(write_posts(script)) == 1
    assert len(listeners(script)) <= min(2, MOST_TOLD)

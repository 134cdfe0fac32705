"""What each field of a form is for, where the form itself does not say it."""

from __future__ import annotations

from collections.abc import Mapping

_NAMED_FOR_PEOPLE = "For you: people who talk to the bot do not see it."

HELP: Mapping[str, Mapping[str, str]] = {
    "apitoken": {
        "name": "For you: which program calls with it, and where that runs.",
        "scopes": "As few as will do. They cannot be changed later.",
        "all_bots": "For all of your bots, those to come too.",
        "bots": "Or for these. A token for chosen bots sees no other, and makes none.",
        "expires_at": "From then on it is refused. Empty for never.",
    },
    "bot": {
        "name": _NAMED_FOR_PEOPLE,
        "owner": "The user who sees this bot in the admin and in the REST API.",
    },
    "state": {
        "bot": "The bot whose chats can be in this state.",
        "name": "Upper case and blanks make no difference: templates read “Main menu” as state_context.main_menu.",
    },
    "environmentvar": {
        "bot": "The bot whose templates read this variable.",
        "key": "Templates read it as env.key; a key that is no plain word, such as api-url, as env['api-url'].",
        "value": "Put into templates as it stands.",
        "secret": "Its value is shown nowhere: not in the admin, in traces or by the REST API.",
    },
    "handler": {
        "bot": "The bot that answers.",
        "name": _NAMED_FOR_PEOPLE,
        "pattern": (
            "A regular expression of Python's re, searched anywhere in what somebody writes: ^ and $ tie it to the "
            "beginning and the end. A group with a name, as (?P<item>\\w+), is read as pattern.item. "
            "255 characters at most."
        ),
        "priority": (
            "A whole number. Handlers with a higher one are tried first, those with the same one the oldest first; "
            "the first whose pattern is found answers."
        ),
        "enabled": "A disabled handler is never tried.",
        "target_state": "The chat is in this state once the handler has answered.",
        "method": "The HTTP method of the request.",
    },
    "hook": {
        "bot": "The bot that tells the recipients.",
        "name": _NAMED_FOR_PEOPLE,
        "enabled": "A disabled hook answers 404, and tells nobody.",
    },
    "recipient": {
        "name": "For you, and for templates as recipient.name.",
        "chat_id": "The messenger's id of the chat: the page of a conversation begins with it.",
        "user_id": "The name of the person in the chat, as the messenger writes it.",
        "topic": "The number of a topic of the group: 77 in the link t.me/c/1234567890/77. Empty for General.",
    },
    "urlparam": {
        "key": "The name of the parameter. 255 characters at most.",
        "value_template": "Jinja2. 255 characters at most.",
    },
    "headerparam": {
        "key": "The name of the header. 255 characters at most.",
        "value_template": "Jinja2. 255 characters at most.",
    },
    "chatstate": {"state": "The next message in this chat is answered as in this state."},
    "conversationtest": {"name": "For you. Each test of a bot has a name of its own."},
    "telegrambot": {"token": "As @BotFather gave it: digits, a colon and letters."},
    "kikbot": {"api_key": "From Kik's page for developers.", "username": "The bot's user name at Kik."},
    "messengerbot": {
        "token": "The page access token, from the dashboard of the Facebook app.",
        "app_secret": "From the basic settings of the Facebook app. Without it no message is taken.",
    },
}
"""Table -> field -> what it is for."""

ENABLED_ACCOUNT = "A disabled account sends nothing; what comes in is stored and never answered."
REMOVES = "The stored one is deleted when you save."

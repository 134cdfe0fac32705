"""URLs of the web chat: ``path("chat/", include("permabots.urls_chat", namespace="chat"))``."""

from django.urls import path

from permabots.views.chat.launcher import launcher
from permabots.views.chat.messages import MessagesView
from permabots.views.chat.page import PageView
from permabots.views.chat.session import SessionView
from permabots.views.chat.theme import ThemeView

app_name = "chat"

urlpatterns = [
    path("launcher.js", launcher, name="launcher"),
    path("<slug:slug>/", PageView.as_view(), name="page"),
    path("<slug:slug>/messages/", MessagesView.as_view(), name="messages"),
    path("<slug:slug>/session/", SessionView.as_view(), name="session"),
    path("<slug:slug>/theme.css", ThemeView.as_view(), name="theme"),
]

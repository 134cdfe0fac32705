"""The people of a run who talk in web chats, and what goes wrong with what they are told."""

"""Facebook Messenger, by its Graph API."""

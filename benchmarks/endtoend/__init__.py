"""Part ``endtoend``: messages from the POST at the webhook to the answer at Telegram, through every process."""

"""Folders of mail: messages, Maildirs, mailboxes."""

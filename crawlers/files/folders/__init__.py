"""Folders on a disk or a mounted share."""

"""A kind of source for Bifrost: calendars."""

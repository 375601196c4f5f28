"""Teaching: the rule behind a few example pairs, and corrections of suggested rules."""

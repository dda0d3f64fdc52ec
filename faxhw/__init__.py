"""Fax modems and telephony cards under script control."""

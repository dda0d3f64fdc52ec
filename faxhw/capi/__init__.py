"""CAPI 2.0 as data: its messages, its framings on TCP, its reasons, and SFF, the form that its pages have.

Nothing here reads or writes; a client and a controller both stand on it. Source: COMMON-ISDN-API version 2.0,
4th edition, parts I to III.
"""

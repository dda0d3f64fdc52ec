"""The sound of telephone calls: what cards and gateways carry that leave the modem to the host.

Everywhere here sound is linear, 16 bits a sample, least octet first, 8000 samples a second each way.
"""

"""What the outside suites share: the running program, HTTP, the real curl, the issuer's ledger, and counting.

Knows the program by its command line, its ports and its files alone; imports nothing that is not in Python itself.
"""

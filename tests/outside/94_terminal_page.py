"""The terminal page in a real browser: a person pays, takes the internet and the power away, and strangers try to. The scenarios
are in tests/browser/terminal-page."""
from __future__ import annotations

from rig import scenarios
from rig.checks import Suite

suite = Suite("94_terminal_page", within_s=400)
scenarios.run(suite, "terminal-page", fewest=30)
suite.finish()

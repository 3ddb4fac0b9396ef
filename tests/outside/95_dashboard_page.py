"""The dashboard in a real browser, from signing in to a refunded payment. The scenarios are in tests/browser/dashboard."""
from __future__ import annotations

from rig import scenarios
from rig.checks import Suite

suite = Suite("95_dashboard_page", within_s=400)
scenarios.run(suite, "dashboard", fewest=24)
suite.finish()

"""The version of the package and those of the API that it speaks. Owns nothing else."""
from __future__ import annotations

VERSION = "0.1.0"
CURRENT = "2026-06-11"
EARLIER = "2025-05-31"

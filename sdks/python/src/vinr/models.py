"""What the API answers: the classes, for annotations. Owns nothing; they are written by scripts/generate.py."""
from __future__ import annotations

from ._generated.models import *  # noqa: F403
from ._generated.models import __all__ as __all__

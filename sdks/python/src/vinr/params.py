"""What calls take inside their parameters: the dictionaries, for annotations. Owns nothing; they are written by scripts/generate.py."""
from __future__ import annotations

from ._generated.params import *  # noqa: F403
from ._generated.params import __all__ as __all__

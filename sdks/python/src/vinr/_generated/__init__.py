"""Written by scripts/generate.py; not edited by hand."""

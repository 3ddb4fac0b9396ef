"""What the OpenAPI document cannot say: two parameters that exclude each other, two that have an order, and that a whole
number is written without a fraction (to JSON Schema 12.0 is an integer; to the API it is a client that computes in
floats). It also keeps a run from ending the key that it asks with. Loaded by schemathesis; the answers to such requests are checked in `20_bad_input.py`."""
import os
import re

import schemathesis

CURSOR = re.compile(r"tpay_[0-7][0-9A-HJKMNP-TV-Z]{25}")
SECONDS = re.compile(r"\d{1,12}")


def _both(query, first, second, pattern):
    """Whether both are there, and each of them is fine on its own."""
    return all(pattern.fullmatch(str(query.get(name, ""))) for name in (first, second))


def _without_fraction(value):
    return int(value) if isinstance(value, float) and value.is_integer() else value


@schemathesis.hook
def before_call(context, case, kwargs):
    if isinstance(case.body, dict):
        case.body = {name: _without_fraction(value) for name, value in case.body.items()}
        # A form spells lists and maps as text, which the schema of a form cannot refuse: what is to be refused gets a
        # reason that it can have, and what is to be taken loses its map, which the generator would write as its keys.
        negative = case.meta.generation.mode.value == "negative"
        if "terminalGroup[]" in case.body and negative:
            case.body["amount"] = "none"
        if not negative and "form" in str(case.media_type):
            case.body.pop("metadata", None)
    if os.environ.get("VINR_ACTING_KEY") and (case.path_parameters or {}).get("id") == os.environ["VINR_ACTING_KEY"]:
        case.path_parameters["id"] = "key_00000000000000000000000000"
    query = case.query
    if not isinstance(query, dict):
        return
    if _both(query, "starting_after", "ending_before", CURSOR):
        del query["ending_before"]
    if _both(query, "fromDate", "toDate", SECONDS) and int(query["fromDate"]) > int(query["toDate"]):
        query["fromDate"], query["toDate"] = query["toDate"], query["fromDate"]

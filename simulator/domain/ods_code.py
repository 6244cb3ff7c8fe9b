"""ODS codes: how the NHS names an organisation.

General practices have a letter and five digits, or Y and five digits; codes issued since April 2020 are
letter-digit-letter-digit-letter. Other organisations have three to eight letters and digits.
Source: Organisation Data Service code formats (DCB0090).
"""

import re

_ODS_CODE = re.compile(r"[A-Z0-9]{3,8}\Z")
_PRACTICE = re.compile(r"(?:[A-Z]\d{5}|[A-Z]\d[A-Z]\d[A-Z])\Z")


def is_ods_code(value: str) -> bool:
    """Tell whether a text is shaped like an ODS code of any organisation."""
    return _ODS_CODE.match(value) is not None


def is_practice_code(value: str) -> bool:
    """Tell whether a text is shaped like the ODS code of a general practice."""
    return _PRACTICE.match(value) is not None

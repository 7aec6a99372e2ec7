"""The import name of the wheel, in a checkout: `invoice_gateway.spi` is `gateway.spi`, and so on.

An editable install puts this folder on the path. The finder of `gateway/__init__.py` knows the modules below this name.
"""

from gateway import FORMER_NAMES, PACKAGE, present_name

__all__ = ["FORMER_NAMES", "PACKAGE", "present_name"]

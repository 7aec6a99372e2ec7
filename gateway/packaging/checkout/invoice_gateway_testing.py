"""The client for tests under its own name: the folder `testing/client` of the installed server, or of the checkout.

Importing it loads nothing of the server. The distribution `invoice-gateway-testing` has a package of the same name, which
Python prefers to this module. So both distributions may be installed, and either may be removed.
"""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

_HERE = Path(__file__).parent
_ROOMS = (_HERE / "invoice_gateway", _HERE.parents[1])
_FOLDER = next(folder for folder in (room / "testing" / "client" for room in _ROOMS) if folder.is_dir())
_SPEC = spec_from_file_location(__name__, _FOLDER / "__init__.py", submodule_search_locations=[str(_FOLDER)])
if _SPEC is None or _SPEC.loader is None:
    raise ImportError(f"{_FOLDER} is no package", name=__name__)
_PACKAGE = module_from_spec(_SPEC)
sys.modules[__name__] = _PACKAGE
_SPEC.loader.exec_module(_PACKAGE)

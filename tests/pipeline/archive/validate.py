"""Validates an unpacked archive with bagit and roc-validator: `python validate.py BAG`.

The two JSON-LD contexts of the crate are not fetched from the web: RO-Crate's comes from the package `rocrate`, and of
the workflow run terms those used here are written out below.
"""

import importlib.resources
import io
import json
import sys

import bagit
import requests
from rocrate_validator.models import Severity
from rocrate_validator.services import ValidationSettings, validate

TERMS = ["sha256", "environment", "resourceUsage", "ParameterConnection", "sourceParameter", "targetParameter", "connection"]
CONTEXTS = {
    "https://w3id.org/ro/crate/1.1/context": json.loads(
        (importlib.resources.files("rocrate") / "data" / "ro-crate.jsonld").read_text(encoding="utf-8")
    ),
    "https://w3id.org/ro/terms/workflow-run/context": {
        "@context": {name: f"https://w3id.org/ro/terms/workflow-run#{name}" for name in TERMS}
    },
}


def answer(_adapter, request, **_options) -> requests.Response:
    """What the web would say: the contexts, and nothing else."""
    response = requests.Response()
    response.request, response.url = request, request.url
    response.status_code = 200 if request.url in CONTEXTS else 404
    response.headers["Content-Type"] = "application/ld+json"
    response.raw = io.BytesIO(json.dumps(CONTEXTS.get(request.url, {})).encode())
    return response


def main(folder: str) -> int:
    bagit.Bag(folder).validate()
    print("bagit: valid")
    requests.adapters.HTTPAdapter.send = answer
    result = validate(
        ValidationSettings(
            rocrate_uri=f"{folder}/data",
            profile_identifier="provenance-run-crate",
            requirement_severity=Severity.REQUIRED,
            abort_on_first=False,
            no_cache=True,
        )
    )
    for issue in result.get_issues(Severity.REQUIRED):
        print(f"roc-validator: {issue.check.identifier}: {issue.message} ({issue.violatingEntity})")
    print("roc-validator:", "valid" if result.passed() else "not valid")
    return 0 if result.passed() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

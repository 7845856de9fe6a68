"""Holds the printed schema and the loader together: every case in cases/ validates, and the malformed
files that are JSON with an unknown key, type or name do not."""
import json
import pathlib
import re
import subprocess
import sys

import jsonschema

binary, root = sys.argv[1], pathlib.Path(sys.argv[2])
schema = json.loads(subprocess.run([binary, "--print-schema"], check=True, capture_output=True).stdout)
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
failures = 0
files = sorted((root / "cases").rglob("*.json"))
assert len(files) >= 80, len(files)
for path in files:
    for error in validator.iter_errors(json.loads(path.read_text())):
        print(path, error.message[:200])
        failures += 1
rejected = 0
for entry in json.loads((root / "tests/malformed/expected.json").read_text()):
    if entry.get("schema") == "rejects":
        text = (root / "tests/malformed" / entry["file"]).read_text()
        if validator.is_valid(json.loads(text)):
            print("the schema accepts", entry["file"])
            failures += 1
        rejected += 1
assert rejected >= 10, rejected
sys.exit(1 if failures else 0)

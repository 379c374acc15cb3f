# Makes goldens.json: tables written by NumPy, pandas and the csv module, with what their own readers give. Run: python make.py
import csv
import json
import pathlib
import sys

import numpy as np

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here.parents[2] / "bench" / "python"))
import csv_files as files  # noqa: E402

rng = np.random.default_rng(20260102)
cases = []
for delimiter in (" ", ",", ";", "\t"):
    cases.append(files.savetxt(rng, delimiter))
    cases.append(files.savetxt(rng, delimiter, "%.6g", header=delimiter, first=True))
cases += [
    files.savetxt(rng, fmt="%12.5f", kind="values"),
    files.savetxt(rng, header=",", first=True),
    files.savetxt(rng, ",", header=",", comments="", first=True, kind="values"),
    files.savetxt(rng, ",", header=",", comments="% ", first=True),
    files.savetxt(rng, ", ", header=", ", comments="#", newline="\r\n", first=True),
    files.savetxt(rng, "\t", newline="\r", footer="end of file", kind="signs"),
]
for names in ("letters", "numbered", "default"):
    for index in (True, False):
        cases.append(files.to_csv(rng, "words" if index else "values", names, index=index))
for encoding in ("utf-8-sig", "utf-16", "latin-1", "cp1252"):
    cases.append(files.to_csv(rng, encoding=encoding, index=False))
for sep in (";", "\t", "|"):
    cases.append(files.to_csv(rng, sep=sep, index=False))
cases += [
    files.to_csv(rng, names="numbered", target_name="species", index=False),
    files.to_csv(rng, "values", index=False, header=False),
    files.to_csv(rng, "words", index=False, header=False),
    files.to_csv(rng, "values", "default", dtype="int", index=False),
    files.to_csv(rng, "signs", index=False, dtype="int", lineterminator="\r\n"),
    files.to_csv(rng, "truth", index=False, lineterminator="\r"),
    files.to_csv(rng, "classes", index=False, dtype="bool"),
    files.to_csv(rng, "classes", index=False, gap="target"),
    files.to_csv(rng, "values", index=False, gap="input"),
    files.to_csv(rng, "values", index=False, gap="target"),
    files.to_csv(rng, "values", index=False, gap="target", na_rep="NA"),
    files.to_csv(rng, "values", index=False, gap="input", na_rep="?"),
    files.to_csv(rng, "values", index=False, sep=";", decimal=","),
    files.to_csv(rng, "words", index=False, sep="\t", decimal=","),
    files.to_csv(rng, "words", index=False, quoting=csv.QUOTE_ALL),
    files.to_csv(rng, "words", quoting=csv.QUOTE_NONNUMERIC),
    files.to_csv(rng, "values", index=False, float_format="%.3f"),
]
for dialect in ("excel", "excel-tab", "unix"):
    for header in (True, False):
        cases.append(files.writer(rng, dialect, header=header))
cases += [
    files.writer(rng, quoting="QUOTE_ALL", kind="classes"),
    files.writer(rng, quoting="QUOTE_NONNUMERIC", kind="truth"),
    files.writer(rng, encoding="utf-8-sig", delimiter=";"),
    files.writer(rng, encoding="utf-16", header=False),
    files.writer(rng, encoding="latin-1"),
    files.writer(rng, lineterminator="\r", kind="signs"),
    files.writer(np.random.default_rng(5), doublequote=False, escapechar="\\"),
    files.writer(rng, delimiter="|", kind="values"),
]
lines = ",\n".join(json.dumps(case) for case in cases)
(here / "goldens.json").write_text(f"[\n{lines}\n]\n")

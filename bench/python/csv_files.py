# Tables as NumPy, pandas and the csv module write them, with what their own readers give back: for test/reference/csv/make.py and `bench fuzz`.
import base64
import csv
import io

import numpy as np
import pandas as pd

words = ["setosa", "versicolor", "virginica", "thé", "größer", 'a "b"', "x, y", "p;q"]


def text(raw):
    return base64.b64encode(raw).decode()


def target_of(column):
    """Numbers as doubles, anything else as texts."""
    values = np.asarray(column)
    if values.dtype.kind in "fiu":
        return {"numbers": text(values.astype("<f8").tobytes())}
    return {"texts": [str(value) for value in values]}


def case(writer, variant, raw, inputs, target, options=None):
    inputs = np.asarray(inputs, dtype="<f8")
    return {
        "writer": writer,
        "variant": variant,
        "file": text(raw),
        "options": options or {},
        "columns": inputs.shape[1],
        "inputs": text(np.ascontiguousarray(inputs).tobytes()),
        "target": target_of(target),
    }


def numbers(rng, rows, columns):
    """Values that take up to 17 digits, small, large and whole ones."""
    plain = rng.standard_normal((rows, columns)) * 10.0 ** rng.integers(-8, 9, (rows, columns))
    return np.where(rng.random((rows, columns)) < 0.2, np.round(plain), plain)


def targets(rng, kind, rows, ascii_only=False, separator=","):
    if kind == "classes":
        return rng.integers(0, 3, rows)
    if kind == "values":
        return rng.standard_normal(rows)
    if kind == "signs":
        return rng.choice([-1, 1], rows)
    if kind == "truth":
        return rng.random(rows) < 0.5
    return rng.choice(words[:3] if ascii_only else words, rows)


def savetxt(rng, delimiter=" ", fmt="%.18e", header="", comments="# ", newline="\n", footer="", first=False, kind="classes", rows=12):
    """numpy.savetxt with the target in the last column, or in the first where a header says so; back by numpy.loadtxt."""
    inputs, target = numbers(rng, rows, 3), targets(rng, kind, rows).astype(float)
    order = [target[:, None], inputs] if first else [inputs, target[:, None]]
    names = ["y", "x1", "x2", "x3"] if first else ["x1", "x2", "x3", "y"]
    stream = io.StringIO(newline="")
    np.savetxt(stream, np.hstack(order), fmt=fmt, delimiter=delimiter, newline=newline, header=header.join(names) if header else "", footer=footer, comments=comments)
    raw = stream.getvalue().encode()
    skip = 1 if header and comments == "" else 0
    back = np.loadtxt(raw.decode().splitlines(), delimiter=delimiter.strip(" ") or None, comments=["#", "%"], skiprows=skip, ndmin=2)
    x, y = (back[:, 1:], back[:, 0]) if first else (back[:, :-1], back[:, -1])
    said = f"header by {header!r}, comments {comments!r}" if header else "no header"
    variant = f"delimiter {delimiter!r}, {fmt}, {said}, newline {newline!r}" + (f", footer {footer!r}" if footer else "") + f", {kind}"
    # Without names nothing says that the first column is the target.
    return case("numpy.savetxt", variant, raw, x, y, {"target": ["1"]} if first and not header else None)


def to_csv(rng, kind="words", names="letters", encoding="utf-8", rows=12, gap=None, dtype="float", target_name="label", **options):
    """DataFrame.to_csv with the target in the last column; back by pandas.read_csv. `gap` puts a missing value among the inputs or the targets."""
    frame = pd.DataFrame(numbers(rng, rows, 3) if dtype == "float" else rng.integers(-9, 99, (rows, 3)))
    frame[3] = targets(rng, kind, rows, encoding in ("ascii",))
    if gap == "input":
        frame.iloc[rows // 3, 1] = np.nan
    if gap == "target":
        frame[3] = frame[3].astype(object)
        frame.iloc[rows // 3, 3] = np.nan
    if dtype == "bool":
        frame[0] = frame[0] > 40
    if names == "letters":
        frame.columns = ["a", "b", "c", target_name]
    elif names == "numbered":
        frame.columns = [0, 1, 2, target_name]
    stream = io.BytesIO()
    frame.to_csv(stream, encoding=encoding, **options)
    raw = stream.getvalue()
    index, header = options.get("index", True), options.get("header", True)
    back = pd.read_csv(
        io.BytesIO(raw),
        sep=options.get("sep", ","),
        header=0 if header else None,
        index_col=0 if index else None,
        encoding=encoding,
        decimal=options.get("decimal", "."),
        na_values=[options["na_rep"]] if options.get("na_rep") else None,
        float_precision="round_trip",
    )
    said = ", ".join(f"{key}={value!r}" for key, value in options.items() if key != "quoting")
    quoting = {csv.QUOTE_ALL: ", QUOTE_ALL", csv.QUOTE_NONNUMERIC: ", QUOTE_NONNUMERIC"}.get(options.get("quoting"), "")
    what = f"{kind}, names {names}" + (f", target {target_name!r}" if target_name != "label" else "")
    extra = (f", gap in {gap}" if gap else "") + (f", {dtype} inputs" if dtype != "float" else "")
    return case("DataFrame.to_csv", f"{what}, {encoding}{quoting}{', ' if said else ''}{said}{extra}", raw, back.iloc[:, :3].astype(float), back.iloc[:, 3])


quotings = {"QUOTE_MINIMAL": csv.QUOTE_MINIMAL, "QUOTE_ALL": csv.QUOTE_ALL, "QUOTE_NONNUMERIC": csv.QUOTE_NONNUMERIC, "QUOTE_NONE": csv.QUOTE_NONE}


def writer(rng, dialect="excel", quoting="QUOTE_MINIMAL", header=True, encoding="utf-8", rows=12, kind="words", **options):
    """csv.writer with the target in the last column; back by csv.reader."""
    inputs, target = numbers(rng, rows, 3), targets(rng, kind, rows)
    stream = io.StringIO(newline="")
    out = csv.writer(stream, dialect=dialect, quoting=quotings[quoting], **options)
    if header:
        out.writerow(["a", "b", "c", "class"])
    for row, label in zip(inputs, target):
        out.writerow([*row.tolist(), label.item()])
    raw = stream.getvalue().encode(encoding)
    reading = {key: value for key, value in options.items() if key != "lineterminator"}
    back = list(csv.reader(io.StringIO(raw.decode(encoding), newline=""), dialect=dialect, **reading))[1 if header else 0 :]
    column = [row[3] for row in back]
    if kind in ("classes", "values", "signs"):
        column = [float(cell) for cell in column]
    said = "".join(f", {key}={value!r}" for key, value in options.items())
    variant = f"{dialect}, {quoting}, {'header' if header else 'no header'}, {encoding}, {kind}{said}"
    return case("csv.writer", variant, raw, [[float(cell) for cell in row[:3]] for row in back], column)


def random_case(rng):
    pick = lambda *values: values[rng.integers(len(values))]  # noqa: E731
    rows = int(rng.integers(3, 40))
    chosen = rng.integers(3)
    if chosen == 0:
        delimiter = pick(" ", ",", ";", "\t", "|", ", ", "  ")
        comments = pick("# ", "#", "% ", "")
        return savetxt(
            rng,
            delimiter,
            pick("%.18e", "%.17g", "%g", "%12.5f", "%.3e"),
            pick("", delimiter, " ", ","),
            comments,
            pick("\n", "\r\n", "\r"),
            pick("", "", "end of file") if comments else "",
            bool(rng.random() < 0.5),
            pick("classes", "values", "signs"),
            rows,
        )
    if chosen == 1:
        # An index without a name above it is a column like any other.
        header = pick(True, True, False)
        options = {"index": header and pick(True, False), "header": header, "sep": pick(",", ";", "\t", "|")}
        options |= pick({}, {}, {"lineterminator": pick("\r\n", "\r")}, {"quoting": pick(csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC)}, {"float_format": "%.4f"})
        options |= pick({}, {}, {}, {"na_rep": pick("NA", "nan", "?", "null", "N/A")}, {"decimal": ","} if options["sep"] != "," else {})
        return to_csv(
            rng,
            pick("words", "classes", "values", "signs", "truth"),
            pick("letters", "numbered", "default"),
            pick("utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"),
            rows,
            pick(None, None, None, "input", "target"),
            pick("float", "float", "int", "bool"),
            pick("label", "species", "y"),
            **options,
        )
    escape = pick({}, {}, {"doublequote": False, "escapechar": "\\"})
    return writer(
        rng,
        pick("excel", "excel-tab", "unix"),
        pick("QUOTE_MINIMAL", "QUOTE_ALL", "QUOTE_NONNUMERIC"),
        bool(rng.random() < 0.7),
        pick("utf-8", "utf-8-sig", "utf-16", "latin-1"),
        rows,
        pick("words", "classes", "values", "signs", "truth"),
        **escape,
        **pick({}, {"lineterminator": pick("\n", "\r\n", "\r")}, {"delimiter": pick(";", "|", "\t")}),
    )

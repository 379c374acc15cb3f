# Makes goldens.json: the four files of a made-up MNIST in zips as various programs write them. Run: python make.py
import base64
import gzip
import io
import json
import pathlib
import struct
import zipfile

pixels = {"train": bytes(i * 5 % 256 for i in range(3 * 16)), "t10k": bytes(i * 11 % 256 for i in range(2 * 16))}
labels = {"train": bytes([3, 1, 2]), "t10k": bytes([0, 9])}
files = {}
for part in ("train", "t10k"):
    files[f"{part}-images-idx3-ubyte"] = struct.pack(">4B3I", 0, 0, 8, 3, len(labels[part]), 4, 4) + pixels[part]
    files[f"{part}-labels-idx1-ubyte"] = struct.pack(">4BI", 0, 0, 8, 1, len(labels[part])) + labels[part]


class Unseekable(io.RawIOBase):
    """A pipe: zipfile then writes data descriptors behind the entries."""

    def __init__(self):
        self.bytes = bytearray()

    def writable(self):
        return True

    def write(self, data):
        self.bytes += data
        return len(data)


def archive(folder="", method=zipfile.ZIP_DEFLATED, more=(), zip64=False, stream=None, windows=False, gz=False):
    out = stream or io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in [*more, *((folder + name + (".gz" if gz else ""), content) for name, content in files.items())]:
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            info.compress_type = method
            info.create_system = 0 if windows else 3
            if windows:
                info.filename = name.replace("/", "\\")
            with made.open(info, "w", force_zip64=zip64) as entry:
                entry.write(gzip.compress(content, mtime=0) if gz and content else content)
    return bytes(out.bytes if stream else out.getvalue())


def with_central(raw, offset, value):
    """The first entry of the directory with a two-byte field overwritten."""
    at = raw.index(b"PK\x01\x02") + offset
    return raw[:at] + struct.pack("<H", value) + raw[at + 2 :]


plain = archive()
read = {
    "deflated": plain,
    "stored": archive(method=zipfile.ZIP_STORED),
    "in a folder, with an entry for it": archive("mnist/", more=[("mnist/", b"")]),
    "with data descriptors": archive(stream=Unseekable()),
    "with zip64 entries": archive(zip64=True),
    "backslashes, as .NET writes them": archive("mnist/", more=[("mnist/", b"")], windows=True),
    "of a Mac": archive("mnist/", more=[("__MACOSX/mnist/._train-images-idx3-ubyte", b"x"), ("mnist/.DS_Store", b"y")]),
    "gzipped inside": archive("raw/", gz=True),
    "with bytes behind its end": plain[:-2] + struct.pack("<H", 5) + b"hello",
}
refused = {
    "bzip2": archive(method=zipfile.ZIP_BZIP2),
    "LZMA": archive(method=zipfile.ZIP_LZMA),
    "Deflate64": with_central(plain, 10, 9),
    "encrypted": with_central(plain, 8, 1),
    "several volumes": plain[:-18] + struct.pack("<H", 1) + plain[-16:],
    "out of its folder": archive("..\\..\\", windows=True),
}
encode = lambda raw: base64.b64encode(raw).decode()  # noqa: E731
golden = {
    "pixels": {part: list(one) for part, one in pixels.items()},
    "labels": {part: list(one) for part, one in labels.items()},
    "read": {name: encode(raw) for name, raw in read.items()},
    "refused": {name: encode(raw) for name, raw in refused.items()},
}
pathlib.Path(__file__).with_name("goldens.json").write_text(json.dumps(golden, indent=1) + "\n")

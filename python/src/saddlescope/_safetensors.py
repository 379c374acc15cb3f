"""Writes .safetensors: a u64 header length, JSON, raw little-endian arrays, the header padded to 8 bytes."""

from __future__ import annotations

import json
import struct
from typing import Mapping

import numpy as np

from .errors import SaddlescopeError

_NAMES = {"float64": "F64", "float32": "F32", "float16": "F16"}


def safetensors_bytes(arrays: Mapping[str, np.ndarray]) -> bytes:
    """The arrays under their names, in the given order."""
    header, parts, offset = {}, [], 0
    for name, array in arrays.items():
        kind = _NAMES.get(array.dtype.name)
        if kind is None:
            raise SaddlescopeError(f"{name}: must be float64, float32 or float16, got {array.dtype}")
        raw = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [offset, offset + len(raw)]}
        parts.append(raw)
        offset += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(parts)

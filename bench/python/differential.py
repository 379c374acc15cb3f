# Random files of NumPy, pandas and the csv module with what their own readers give, one JSON a line: python differential.py '{"seed": 1, "npy": 10, "csv": 10}'
import json
import sys
import warnings

import numpy as np

import csv_files
import npy_files

warnings.simplefilter("ignore")
asked = json.loads(sys.argv[1])
rng = np.random.default_rng(asked["seed"])
for _ in range(asked["npy"]):
    print(json.dumps({"kind": "npy", **npy_files.random_case(rng)}))
for _ in range(asked["csv"]):
    print(json.dumps({"kind": "csv", **csv_files.random_case(rng)}))

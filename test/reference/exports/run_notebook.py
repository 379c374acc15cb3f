"""Executes a notebook where it lies: python run_notebook.py NOTEBOOK prints how many pictures its cells drew, and writes NOTEBOOK.executed.ipynb."""
import json
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

path = Path(sys.argv[1])
notebook = nbformat.read(path, as_version=4)
nbformat.validate(notebook)
NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}}).execute()
nbformat.write(notebook, path.with_suffix(".executed.ipynb"))
cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
print(json.dumps([sum("image/png" in output.get("data", {}) for output in cell.outputs) for cell in cells]))

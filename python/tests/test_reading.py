"""What the product wrote, read: value by value against what the product itself says of it."""

import csv
import json

import numpy as np
import pytest

from saddlescope import Run, SaddlescopeError, Workspace
from saddlescope._files import npy_bytes, npz_bytes
from saddlescope._state import overview
from saddlescope.command import call


def test_metrics_are_those_of_the_exported_table(made, tmp_path):
    call(["export", "made", "--out", str(tmp_path / "out")], made)
    with open(tmp_path / "out" / "metrics.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    metrics = Run(made / "runs" / "made").metrics
    compared = 0
    assert len(rows) == 8
    for name in rows[0]:
        expected = [float(row[name]) if row[name] not in ("", "NaN") else np.nan for row in rows]
        np.testing.assert_array_equal(metrics[name], expected, err_msg=name)
        compared += len(expected)
    assert compared > 250


def test_spectra_hessians_and_weights(made, product):
    run = Workspace(made).run("made")
    assert run.snapshots == [0, 4, 8] and run.checkpoints == [0, 4, 8]
    for step in run.snapshots:
        run.snapshot(step).verify()
        weights = run.weights(step)
        assert {name: array.shape for name, array in weights.items()} == {"W1": (2, 5), "b1": (5,), "W2": (5, 2), "b2": (2,)}
        for block, size in (("W1", 15), ("W2", 12)):
            values, matrix = run.spectrum(step, block), run.hessian(step, block)
            assert isinstance(matrix, np.memmap) and matrix.shape == (size, size) and not matrix.flags.writeable
            again = np.linalg.eigvalsh(np.array(matrix))
            assert np.abs(again - values).max() <= 1e-12 * np.abs(again).max()
            kept = run.snapshot(step).block(block)
            vectors = run.snapshot(step).eigenvectors(block)
            assert np.abs(matrix @ vectors - vectors * values[list(kept.indices)]).max() <= 1e-10 * np.abs(values).max()
    said = product(made, "spectrum", "made", "--step", "4")
    for block in said["blocks"]:
        np.testing.assert_array_equal(run.spectrum(4, block["name"]), block["eigenvalues"])


def test_overview_is_the_product_s(made):
    snapshot = Run(made / "runs" / "made").snapshot(8)
    for block in snapshot.blocks:
        stored = np.load(snapshot.folder / block.files["overview"])
        np.testing.assert_array_equal(overview(np.array(snapshot.hessian(block.name))), stored)


def test_curvature_by_the_product(made, tmp_path):
    run = Run(made / "runs" / "made")
    found = run.curvature(8, out=tmp_path / "out", vectors=True)
    matrix, values = np.array(found.hessian()), found.eigenvalues()
    assert matrix.shape == (27, 27) and found.gradient.shape == (27,)
    vectors = found.eigenvectors()
    assert np.abs(matrix @ vectors - vectors * values).max() <= 1e-12
    assert np.isclose(found.loss, found.report["loss"]) and found.report["checks"]["full"]["symmetry"] < 1e-10


def test_analyses(made):
    (analysis,) = Run(made / "runs" / "made").analyses
    run = Run(made / "runs" / "made")
    assert (analysis.kind, analysis.step) == ("difference", 8)
    analysis.verify()
    difference = np.array(run.hessian(8, "W2")) - np.array(run.hessian(4, "W2"))
    np.testing.assert_array_equal(analysis.array("difference"), difference)
    assert np.isclose(analysis.figures["norm"], np.linalg.norm(difference), rtol=1e-12)
    assert all(check["ok"] for check in analysis.checks.values())
    with pytest.raises(SaddlescopeError, match='no array "nothing"; it has difference'):
        analysis.array("nothing")


def test_small_files_log_and_histograms(made, product):
    run = Workspace(made)["made"]
    shown = product(made, "show", "made")
    assert run.name == "made by the product" and run.state == "done" and run.spec["budget"]["steps"] == 8
    assert run.status["figures"]["lastLoss"] == run.metrics["loss"][-1]
    assert shown["id"] == run.id if "id" in shown else True
    assert any("done" in message for _, message in run.log)
    lines = run.histograms
    assert [line["step"] for line in lines] == [0, 4, 8]
    for line in lines:
        weights = run.weights(line["step"])
        for name, array in weights.items():
            histogram = line["layers"][name]["weights"]
            assert histogram["count"] == array.size and histogram["min"] == array.min() and histogram["max"] == array.max()


def test_pandas_where_it_is_there(made):
    pytest.importorskip("pandas")
    metrics = Run(made / "runs" / "made").metrics
    frame = metrics.to_pandas()
    assert list(frame.columns) == list(metrics) and frame["loss"].tolist() == metrics["loss"].tolist()


def test_errors_are_one_sentence(made):
    workspace = Workspace(made)
    cases = {
        r'no run "nobody" in .*; there are made': lambda: workspace.run("nobody"),
        r'no run "../made"': lambda: workspace.run("../made"),
        r"no snapshot of step 5; it has 0, 4, 8": lambda: workspace["made"].spectrum(5, "W1"),
        r"which block is asked for must be said; it has W1, W2": lambda: workspace["made"].spectrum(),
        r'there is no block "W3"': lambda: workspace["made"].hessian(8, "W3"),
        r"no weights of step 7": lambda: workspace["made"].weights(7),
        r"is no run": lambda: Run(made),
    }
    for words, work in cases.items():
        with pytest.raises(SaddlescopeError, match=words) as caught:
            work()
        assert "\n" not in str(caught.value)


def test_damaged_lines_cost_their_own_step(tmp_path):
    folder = tmp_path / "torn"
    folder.mkdir()
    (folder / "spec.json").write_text("{}")
    lines = [json.dumps({"step": step, "loss": step / 2, "lambdaMin": {"W1": -step}}) for step in (1, 2, 3, 5)]
    (folder / "metrics.ndjson").write_text("\n".join([lines[0], "\0\0\0", lines[1], lines[1], lines[2][:9], lines[3], '{"step":6,"lo']))
    metrics = Run(folder).metrics
    np.testing.assert_array_equal(metrics["step"], [1, 2, 3, 4, 5])
    np.testing.assert_array_equal(metrics["loss"], [0.5, 1, np.nan, np.nan, 2.5])
    np.testing.assert_array_equal(metrics["lambdaMin.W1"], [-1, -2, np.nan, np.nan, -5])


def test_damage_of_a_snapshot_is_named(made, tmp_path):
    import shutil

    copy = tmp_path / "made"
    shutil.copytree(made / "runs" / "made", copy)
    path = copy / "snapshots" / "step-000004" / "eigenvalues.W1.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(SaddlescopeError, match=r"eigenvalues.W1.npy: is not what its checksum says"):
        Run(copy).snapshot(4).verify()


def test_datasets(made, tmp_path):
    x = np.arange(12.0).reshape(6, 2)
    (tmp_path / "mine.npz").write_bytes(npz_bytes({"x": x, "y": np.array([0.0, 1, 0, 1, 0, 1])}))
    call(["datasets", "import", str(tmp_path / "mine.npz"), "--id", "mine"], made)
    manifest = Workspace(made).datasets["mine"]
    assert manifest["counts"] == {"train": 6, "test": 0}


def test_arrays_are_version_1_in_c_order():
    content = npy_bytes(np.asfortranarray(np.arange(6, dtype=">f8").reshape(2, 3)))
    assert content[:8] == b"\x93NUMPY\x01\x00" and b"'fortran_order': False" in content and b"'<f8'" in content

"""What Python recorded, read by the product: the files' rules, the figures, crashes, locks."""

import json
import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from saddlescope import Recorder, Run, SaddlescopeError, Workspace
from saddlescope._lock import RunLock
from saddlescope._recorded import OPTIMIZERS
from saddlescope.command import call

GD = {"kind": "gd", "learningRate": 0.02}


def record(loop, workspace, steps=30, **options):
    with Recorder("recorded", workspace=workspace, model=loop.layers, data=(loop.x, loop.y), loss=loop.loss, optimizer=GD, **options) as recorder:
        for _ in range(steps):
            loss, gradient = loop.step()
            recorder.step(loss, loop.weights, gradient)
    return recorder.run


def flat(pairs):
    return np.concatenate([part.reshape(-1) for pair in pairs for part in pair])


@pytest.mark.parametrize("loss", ["softmax-cross-entropy", "half-sse"])
def test_the_product_computes_with_what_was_recorded(loop, workspace, tmp_path, loss):
    trained = loop(loss)
    run = record(trained, workspace, checkpoint_every=10)
    assert run.checkpoints == [0, 10, 20, 30]
    found = run.curvature(30, out=tmp_path / "out")
    value, gradient = trained.evaluate(slice(0, 61))
    assert np.isclose(found.loss, value, rtol=1e-12)
    np.testing.assert_allclose(found.gradient, flat(gradient), rtol=1e-10, atol=1e-12)
    # Before its update: the loss of line 21 is that at checkpoint 20.
    before = run.curvature(20, out=tmp_path / "before")
    assert np.isclose(before.loss, run.metrics["loss"][20], rtol=1e-12)
    assert np.isclose(np.linalg.norm(before.gradient), run.metrics["gradNorm"][20], rtol=1e-10)
    np.testing.assert_allclose(run.metrics["stepNorm"], 0.02 * run.metrics["gradNorm"], rtol=1e-9)


@pytest.mark.parametrize("loss,batch", [("softmax-cross-entropy", None), ("half-sse", None), ("half-sse", 20)])
def test_figures_are_those_the_product_gathers(loop, workspace, product, loss, batch):
    run = record(loop(loss, batch), workspace, steps=150, batch_size=batch)
    status = run.status
    status["figures"] = None
    mine = {row["id"]: row for row in product(workspace, "runs")}[run.id]
    (run.folder / "status.json").write_text(json.dumps(status))
    rebuilt = {row["id"]: row for row in product(workspace, "runs")}[run.id]
    for name in ("lastLoss", "minLoss", "minLossStep", "lastLossPerSample", "minLossPerSample", "minLossPerSampleStep", "sparkline", "step", "snapshots"):
        assert mine[name] == pytest.approx(rebuilt[name], rel=1e-15), name
    assert mine["bytes"] == pytest.approx(rebuilt["bytes"], rel=0.2)
    assert mine["lastLoss"] == run.metrics["loss"][-1]
    if batch:
        # 61 samples in batches of 20: the fourth of each epoch has one sample.
        assert run.metrics["epoch"][3] == 1 and run.metrics["epoch"][0] == pytest.approx(20 / 61)
        losses = run.metrics["loss"] / np.where(run.metrics["step"] % 4 == 0, 1, 20)
        assert mine["minLossPerSample"] == losses.min() and mine["minLossPerSampleStep"] == losses.argmin() + 1


def test_any_parameters_under_their_names(workspace, product):
    weights = {"encoder": {"kernel": np.arange(6.0).reshape(2, 3)}, "scale": np.ones(2)}
    with Recorder("bare", workspace=workspace, optimizer="momentum", steps=7) as recorder:
        for _ in range(5):
            weights = {"encoder": {"kernel": weights["encoder"]["kernel"] + 1}, "scale": weights["scale"]}
            recorder.step(np.float32(0.5), weights=weights, grad_norm=2, test_loss=0.25, lambda_min={"W1": -1, "W2": -3}, my_figure=np.float64(7))
    run = recorder.run
    np.testing.assert_array_equal(run.weights(5)["encoder.kernel"], np.arange(6.0).reshape(2, 3) + 5)
    assert run.spec["budget"]["steps"] == 5 and np.isnan(run.metrics["stepNorm"][0]) and run.metrics["stepNorm"][1] == pytest.approx(np.sqrt(6))
    assert run.metrics["myFigure"][4] == 7 and run.metrics["testLoss"][4] == 0.25
    row = product(workspace, "runs")[0]
    assert (row["state"], row["step"], row["optimizer"], row["parameterCount"], row["lambdaMin"], row["lastTestLoss"]) == ("done", 5, "momentum", 8, -3, 0.25)
    other = Recorder("other", workspace=workspace, optimizer="adagrad")
    other.step(1)
    other.finish()
    silent = Recorder("silent", workspace=workspace)
    silent.step(1)
    silent.finish()
    shown = {row["id"]: row["optimizer"] for row in product(workspace, "runs")}
    assert shown == {"bare": "momentum", "other": "adagrad", "silent": "not said"}
    for words in (["resume", run.id, "--set", "budget.steps=9"], ["hessian", str(run.folder / "spec.json"), "--out", str(workspace / "h")]):
        with pytest.raises(SaddlescopeError, match="came from elsewhere and says nothing of what was minimized"):
            call(words, workspace)
    assert run.spec["budget"]["steps"] == 5


def test_the_product_does_not_train_it_on_but_starts_from_it(loop, workspace, product):
    run = record(loop("softmax-cross-entropy"), workspace, steps=4)
    with pytest.raises(SaddlescopeError, match="whose optimizer's state is not in it: start a new run from its weights"):
        call(["resume", run.id, "--set", "budget.steps=9"], workspace)
    assert run.spec["budget"]["steps"] == 4
    spec = {**run.spec, "name": "on", "model": {**run.spec["model"], "init": {"kind": "run", "run": run.id, "step": 4}}}
    path = workspace / "on.json"
    path.write_text(json.dumps(spec))
    call(["run", str(path), "--id", "on"], workspace)
    on = Workspace(workspace)["on"]
    for name, array in run.weights(4).items():
        np.testing.assert_array_equal(on.weights(0)[name], array)


def test_the_product_takes_every_optimizer_by_its_name(loop, workspace, product):
    for kind in OPTIMIZERS:
        with Recorder(kind, id=kind, workspace=workspace, model=loop("mse").layers, data=(loop("mse").x, loop("mse").y), loss="mse", optimizer=kind) as recorder:
            recorder.step(1.0)
    rows = {row["id"]: row for row in product(workspace, "runs")}
    assert {kind: (rows[kind]["optimizer"], rows[kind]["error"]) for kind in OPTIMIZERS} == {kind: (kind, None) for kind in OPTIMIZERS}
    for kind in OPTIMIZERS:
        assert product(workspace, "show", kind)["spec"]["optimizer"]["kind"] == kind


def test_recorded_curvature(loop, workspace, tmp_path):
    trained = loop("half-sse")
    with Recorder("with Hessians", workspace=workspace, model=trained.layers, data=(trained.x, trained.y), loss="half-sse", optimizer=GD) as recorder:
        for _ in range(3):
            loss, gradient = trained.step()
            recorder.step(loss, trained.weights, gradient)
        recorder.checkpoint()
        exact = np.array(recorder.run.curvature(3, out=tmp_path / "out").hessian())
        recorder.snapshot(exact, vectors=4)
        with pytest.raises(SaddlescopeError, match="must be 26 × 26, the block's parameters, got shape"):
            recorder.snapshot(exact[:-1, :-1])
        with pytest.raises(SaddlescopeError, match="is not symmetric"):
            recorder.snapshot(exact + np.triu(np.ones_like(exact)))
    run = recorder.run
    snapshot = run.snapshot(3)
    snapshot.verify()
    np.testing.assert_allclose(run.hessian(), exact, atol=1e-14)
    np.testing.assert_allclose(run.spectrum(), np.linalg.eigvalsh(exact), atol=1e-12)
    assert snapshot.block().indices == (0, 1, 24, 25) and snapshot.block().checks["residual"] < 1e-12
    said = json.loads(call(["spectrum", run.id, "--json"], workspace))
    np.testing.assert_array_equal(said["blocks"][0]["eigenvalues"], run.spectrum())
    # The product's own look at the files: lengths and checksums.
    call(["export", run.id, "--out", str(tmp_path / "export.zip")], workspace)
    call(["import", str(tmp_path / "export.zip"), "--id", "again"], workspace)
    np.testing.assert_array_equal(Workspace(workspace)["again"].hessian(3), run.hessian(3))


PROGRAM = """
import sys, time
import numpy as np
from saddlescope import Recorder
recorder = Recorder("killed", workspace=sys.argv[1], id="killed", optimizer="gd", checkpoint_every=10)
for k in range(1_000_000):
    recorder.step(1 / (k + 1), weights=np.full(3, float(k)))
    if k == 24:
        print("there", flush=True)
    time.sleep(0.01)
"""


@pytest.fixture()
def killed(workspace):
    """A program that records and can be killed."""
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(workspace)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline().strip() == "there"
        yield process
    finally:
        process.kill()
        process.wait()


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def test_live_locked_killed_and_gone_on_with(killed, workspace, product):
    run = Workspace(workspace)["killed"]
    rows = lambda: product(workspace, "runs")[0]  # noqa: E731
    first = rows()
    assert first["state"] == "running"
    until(lambda: len(run.metrics["step"]) > first["step"] + 5)
    with pytest.raises(SaddlescopeError, match=f"process {killed.pid} on .* is working on this run"):
        Recorder.resume("killed", workspace=workspace)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    after = rows()
    assert after["state"] == "interrupted"
    # What a crash leaves in the middle of a write.
    with open(run.folder / "metrics.ndjson", "ab") as file:
        file.write(b'{"step":999,"lo')
    (run.folder / "checkpoints" / "step-000999.partial").mkdir()
    steps = len(run.metrics["step"])
    assert list(run.metrics["step"]) == list(range(1, steps + 1)) and not np.isnan(run.metrics["loss"]).any()
    assert all(step % 10 == 0 for step in run.checkpoints)
    recorder = Recorder.resume("killed", workspace=workspace)
    assert recorder.steps == run.checkpoints[-1] <= steps
    np.testing.assert_array_equal(recorder.weights["x"], np.full(3, recorder.steps - 1.0))
    for k in range(recorder.steps, 60):
        recorder.step(1 / (k + 1), weights=np.full(3, float(k)))
    recorder.finish()
    np.testing.assert_array_equal(run.metrics["loss"], 1 / np.arange(1.0, 61))
    assert sorted(path.name for path in (run.folder / "checkpoints").iterdir()) == [f"step-{step:06d}" for step in run.checkpoints]
    assert rows()["state"] == "done" and rows()["lastLoss"] == 1 / 60 and rows()["minLossStep"] == 60
    assert not (run.folder / "lock.json").exists()


def test_how_a_run_ends(workspace, product):
    def end(id, error=None, loss=1.0):
        try:
            with Recorder(id, workspace=workspace, id=id, optimizer="gd") as recorder:
                recorder.step(loss)
                if error is not None:
                    raise error
        except type(error) if error else ():
            pass

    end("done")
    end("failed", ValueError("shapes\ndo not meet"))
    end("interrupted", KeyboardInterrupt())
    end("diverged", loss=float("nan"))
    end("infinite", loss=float("inf"))
    abandoned = Recorder("abandoned", workspace=workspace, id="abandoned", optimizer="gd")
    abandoned.step(1)
    del abandoned
    rows = {row["id"]: row for row in product(workspace, "runs")}
    states = {id: row["state"] for id, row in rows.items()}
    assert states == {"done": "done", "failed": "failed", "interrupted": "interrupted", "diverged": "diverged", "infinite": "diverged", "abandoned": "interrupted"}
    assert rows["failed"]["error"] == "ValueError: shapes" and rows["diverged"]["error"] == "the loss of step 1 is not a number"
    assert np.isnan(Run(workspace / "runs" / "diverged").metrics["loss"][0])


def test_a_full_disk_stops_no_training(workspace, monkeypatch):
    recorder = Recorder("full", workspace=workspace, optimizer="gd")
    recorder.step(1.0)
    lines = recorder._writer._metrics
    flush, refused = lines.flush, []

    def refuse(sync=False):
        refused.append(1)
        raise OSError(28, "No space left on device")

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        monkeypatch.setattr(lines, "flush", refuse)
        for _ in range(20):
            recorder.step(2.0)
        until(lambda: len(refused) > 2)
        monkeypatch.setattr(lines, "flush", flush)
    assert sum("No space left" in str(one.message) for one in caught) == 1
    np.testing.assert_array_equal(recorder.finish().metrics["loss"], [1.0] + [2.0] * 20)


def test_the_lock_tells_when_it_was_taken_over(workspace):
    recorder = Recorder("taken", workspace=workspace, optimizer="gd")
    path = recorder.folder / "lock.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "token": "another"}))
    recorder._writer._beaten -= 60
    until(lambda: recorder._writer._lost is not None)
    with pytest.raises(SaddlescopeError, match="is working on this run"):
        recorder.step(1.0)
    with pytest.raises(SaddlescopeError, match="is working on this run"):
        recorder.finish()
    assert json.loads(path.read_text())["token"] == "another"


def test_what_is_refused(loop, workspace):
    net = loop("half-sse")
    good = dict(workspace=workspace, model=net.layers, data=(net.x, net.y), loss="half-sse", optimizer=GD)
    cases = {
        "x has 2 features a sample, but the network takes 3": {"data": (net.x[:, :2], net.y)},
        "y has 1 values a sample, but the network has 2 outputs": {"data": (net.x, net.y[:, :1])},
        "loss: must be one of": {"loss": "huber"},
        "data: need model, loss and optimizer": {"optimizer": None},
        "loss and batch_size belong to data": {"data": None},
        'optimizer: must be one of gd, .*, got "adagrad"': {"optimizer": "adagrad"},
        "steps: must be at least 1": {"steps": 0},
        '"Über": must be 1 to 64': {"id": "Über"},
        '"con": must be 1 to 64': {"id": "con"},
        "activation must be one of leaky-relu": {"model": [(*net.weights[0], "gelu"), (*net.weights[1], None)]},
        "takes 5 inputs, but the layer before has 4 units": {"model": [net.layers[0], (np.ones((5, 2)), np.ones(2), None)]},
        "either all layers have a bias or none": {"model": [net.layers[0], (net.weights[1][0], None, None)]},
    }
    for words, changes in cases.items():
        with pytest.raises(SaddlescopeError, match=words):
            Recorder("refused", **{**good, **changes})
    recorder = Recorder("one", id="one", **good)
    with pytest.raises(SaddlescopeError, match='already a run "one"'):
        Recorder("one", id="one", **good)
    with pytest.raises(SaddlescopeError, match=r"W1 must have shape \(3, 4\), got \(3, 3\)"):
        recorder.step(1.0, [(np.ones((3, 3)), np.ones(3)), (np.ones((3, 2)), np.ones(2))])
    recorder.finish("failed")


def test_a_dead_owners_lock_is_replaced_and_a_living_ones_is_not(tmp_path: Path) -> None:
    path = tmp_path / "lock.json"
    owner = RunLock(path)
    with pytest.raises(SaddlescopeError, match="is working on this run"):
        RunLock(path)
    # No process has this number: one that was killed, and one that was killed while it took over.
    dead = json.dumps({**json.loads(path.read_text()), "pid": 2**22 + 1, "token": "dead"})
    path.write_text(dead)
    (tmp_path / "lock.json.takeover.partial").write_text(dead)
    successor = RunLock(path)
    assert json.loads(path.read_text())["token"] not in ("dead", owner._token)
    assert [file.name for file in tmp_path.iterdir()] == ["lock.json"]
    owner.release()
    assert path.exists()
    successor.release()
    assert not path.exists()

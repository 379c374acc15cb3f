"""Writes a run from any training loop, live in the workbench while it runs and whole after a crash (docs/files.md)."""

from __future__ import annotations

import math
import re
import time
import weakref
from pathlib import Path
from types import TracebackType
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple, Type, Union

import numpy as np

from ._arrays import Named, Parameters, described, is_torch, named_arrays, norm_of, torch_gradient
from ._figures import divisor, finite
from ._files import read_json, step_name, write_json
from ._recorded import OPTIMIZERS, RECORDED, bare_spec, claim_folder, common_spec, fresh_status, network_spec, optimizer_rule, write_documents
from ._state import checked_matrix, drop_checkpoints, write_checkpoint, write_snapshot
from ._writer import RunWriter
from .errors import SaddlescopeError
from .networks import Layer, Network, as_numpy, check_data, network_of
from .run import Run
from .workspace import Workspace

_OWN = ("step", "seconds", "wallSeconds", "loss", "gradNorm", "stepNorm", "epoch")


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda found: found.group(1).upper(), name)


def _number(value: Any, where: str) -> float:
    try:
        return float(as_numpy(value).reshape(())[()]) if not isinstance(value, (int, float)) else float(value)
    except (TypeError, ValueError):
        raise SaddlescopeError(f"{where}: must be one number, got {value!r:.80}") from None


def _figure(value: Any, where: str) -> Any:
    if isinstance(value, Mapping):
        return {str(block): _number(one, f"{where}.{block}") for block, one in value.items()}
    return None if value is None else _number(value, where)


class Recorder:
    """One run, written as it is made. Use it in a `with` statement: what ends the block ends the run (an exception: failed; Ctrl-C: interrupted).

    With ``model`` (a torch.nn.Sequential, or a list of (W, b, activation) with W inputs × units), ``data`` (x, y), ``loss`` and ``optimizer`` the product
    knows the network: its Hessians can be computed at every checkpoint. Without ``data`` any parameters are recorded, under their names; such a run is looked
    at and compared. A torch model is followed by itself; of others hand the weights to `step`.
    """

    _writer: RunWriter
    _weights: Optional[Named]

    def __init__(
        self,
        name: str,
        *,
        workspace: Union[str, Path, Workspace, None] = None,
        id: Optional[str] = None,
        model: Any = None,
        data: Optional[Tuple[Any, Any]] = None,
        loss: Optional[str] = None,
        optimizer: Union[str, Mapping[str, Any], None] = None,
        batch_size: Optional[int] = None,
        steps: Optional[int] = None,
        checkpoint_every: Optional[int] = 50,
        keep: int = 3,
        tags: Sequence[str] = (),
        notes: str = "",
        group: Optional[str] = None,
    ):
        """``steps``: how many there will be, for progress. ``batch_size``: None, the full batch; else batches come in the data's order, the shorter last one of an epoch kept. ``checkpoint_every``: None, only the first and the last state."""
        place = workspace if isinstance(workspace, Workspace) else Workspace(workspace)
        if steps is not None and steps < 1:
            raise SaddlescopeError(f"steps: must be at least 1, got {steps}")
        rule, foreign = optimizer_rule(optimizer)
        network: Optional[Network] = None
        arrays: Optional[Tuple[np.ndarray, np.ndarray]] = None
        if data is not None:
            if model is None or loss is None or optimizer is None:
                raise SaddlescopeError("data: need model, loss and optimizer with them; leave data out to record any other run")
            network = network_of(model)
            arrays = check_data(network, data, loss)
            if foreign is not None:
                raise SaddlescopeError(f'optimizer: must be one of {", ".join(OPTIMIZERS)}, got "{foreign}"; leave data out to record any other')
        elif loss is not None or batch_size is not None:
            raise SaddlescopeError("loss and batch_size belong to data: give (x, y) too, or leave them out")
        folder = claim_folder(place.folder, name, id)
        common = common_spec(name, tags, rule, steps, checkpoint_every, keep)
        if network is not None and arrays is not None and loss is not None:
            samples: Optional[int] = len(arrays[0])
            spec = network_spec(common, folder, network, arrays, loss, batch_size)
            named: Optional[Named] = network.arrays()
        else:
            samples, spec = None, bare_spec(common)
            named = None if model is None else named_arrays(model)
        status = fresh_status(None, samples)
        if named is not None:
            status["parameterCount"] = sum(array.size for array in named.values())
            if network is None:
                status["recordedArrays"] = described({key: array.shape for key, array in named.items()})
        if foreign is not None:
            status["recordedOptimizer"] = foreign
        write_documents(folder, spec, {"notes": notes, "group": group}, status)
        parameters = None if named is None else Parameters({key: array.shape for key, array in named.items()}, network)
        self._start(folder, spec, status, parameters, model, None)
        self._writer.log(f"created by a recorder: {status['backend']['description']}")
        if foreign is not None:
            self._writer.log(f"optimizer: {foreign}; {rule['kind']} stands in spec.json in its place")
        if named is not None:
            self._weights = named
            self.checkpoint()

    @classmethod
    def resume(cls, id: str, *, workspace: Union[str, Path, Workspace, None] = None, model: Any = None, step: Optional[int] = None) -> "Recorder":
        """Goes on with a recorded run from a checkpoint (left out: the newest), whose weights are in `weights` (load them into the model yourself); lines, checkpoints and snapshots of later steps go."""
        place = workspace if isinstance(workspace, Workspace) else Workspace(workspace)
        run = place.run(id)
        status, spec = run.status, run.spec
        if (status.get("backend") or {}).get("kind") != RECORDED:
            raise SaddlescopeError(f'run "{id}" was not recorded: the product goes on with it (saddlescope resume {id})')
        at = run.checkpoints[-1] if step is None and run.checkpoints else step
        if at not in run.checkpoints:
            raise SaddlescopeError(f'run "{id}" has no checkpoint of step {at}; it has {", ".join(map(str, run.checkpoints)) or "none"}')
        folder = run.folder / "checkpoints" / step_name(int(at))
        with np.load(folder / "weights.npz", allow_pickle=False) as file:
            stored = {name: file[name] for name in file.files}
        named = run._named(stored)
        network = None
        if "model" in spec:
            activations = [spec["model"]["activation"]] * (len(spec["model"]["layers"]) - 2) + [spec["model"]["outputActivation"]]
            network = Network(tuple(Layer(named[f"W{k}"], named.get(f"b{k}"), one) for k, one in enumerate(activations, 1)))
        state = read_json(folder / "state.json")
        status.update(step=at, seconds=state["seconds"], wallSeconds=state["wallSeconds"])
        status["figures"] = fresh_status(None, None)["figures"]
        recorder = cls.__new__(cls)
        parameters = Parameters({key: array.shape for key, array in named.items()}, network)
        recorder._start(run.folder, spec, status, parameters, model, int(at))
        recorder._weights = named
        recorder._writer.log(f"goes on from step {at}")
        return recorder

    def _start(self, folder: Path, spec: Dict[str, Any], status: Dict[str, Any], parameters: Optional[Parameters], model: Any, at: Optional[int]) -> None:
        self.folder = folder
        self.id = folder.name
        self._spec = spec
        self._parameters = parameters
        self._model = model if is_torch(model) else None
        self._samples: Optional[int] = status.get("trainingSamples")
        self._batch: Optional[int] = spec.get("batch", {}).get("size")
        self._every: Optional[int] = spec["checkpoints"]["everySteps"]
        self._weights = None
        self._last_loss = 0.0
        self._epoch = 0.0
        self.steps = at or 0
        self._checkpointed: Optional[int] = at
        self._writer = RunWriter(folder, status, divisor(spec.get("loss"), self._batch, self._samples), at)
        self._seconds = float(status["seconds"])
        self._began = time.perf_counter() - float(status["wallSeconds"] or 0)
        self._left = time.perf_counter()
        # A program that ends without closing the recorder leaves an interrupted run, not one that looks alive.
        self._finalizer = weakref.finalize(self, _abandon, self._writer)

    def __repr__(self) -> str:
        return f"Recorder({self.id!r}, step {self.steps})"

    @property
    def run(self) -> Run:
        """The run, to be read while it is written."""
        return Run(self.folder)

    @property
    def weights(self) -> Named:
        """The weights that were recorded last."""
        return dict(self._weights or {})

    def _note_weights(self, weights: Any) -> Optional[float]:
        """Takes weights over and returns how far they are from those before; None where that cannot be known."""
        value = self._model if weights is None else weights
        if value is None:
            self._weights = None
            return None
        if self._parameters is None:
            found = named_arrays(value)
            self._parameters = Parameters({name: array.shape for name, array in found.items()})
            self._writer.status.update(parameterCount=self._parameters.count, recordedArrays=described(self._parameters.shapes))
        before, self._weights = self._weights, self._parameters.read(value)
        return None if before is None else norm_of({name: self._weights[name] - before[name] for name in before})

    def step(
        self,
        loss: Any,
        weights: Any = None,
        gradient: Any = None,
        *,
        grad_norm: Any = None,
        step_norm: Any = None,
        epoch: Optional[float] = None,
        seconds: Optional[float] = None,
        **figures: Any,
    ) -> None:
        """One step is done: call it after the update. ``loss`` and the gradient are those of the step's batch before it.

        Of a torch model the gradient is read from its parameters, so call it before the next `zero_grad`. ``weights``: those after the step. ``seconds``: the
        steps' own work since the start; left out: the time spent outside this recorder. Further figures are numbers, or dicts of them by block:
        ``test_loss``, ``test_accuracy``, ``val_loss``, ``val_accuracy``, ``learning_rate``, ``lambda_min``, … or any of your own; ``grad_noise`` becomes ``gradNoise``.
        """
        arrived = time.perf_counter()
        self._seconds = self._seconds + arrived - self._left if seconds is None else _number(seconds, "seconds")
        self._writer.check()
        self.steps += 1
        moved = self._note_weights(weights)
        if grad_norm is None:
            held = None if self._model is None or gradient is not None else torch_gradient(self._model)
            grad_norm = norm_of(named_arrays(gradient)) if gradient is not None else held
        line: Dict[str, Any] = {
            "step": self.steps,
            "epoch": self._epoch_after(epoch),
            "seconds": self._seconds,
            "loss": _number(loss, "loss"),
            "gradNorm": _figure(grad_norm, "grad_norm"),
            "stepNorm": _figure(moved if step_norm is None else step_norm, "step_norm"),
        }
        for key, value in figures.items():
            if _camel(key) in _OWN:
                raise SaddlescopeError(f"{key}: is a figure of its own; give it by its parameter")
            line[_camel(key)] = _figure(value, key)
        line["wallSeconds"] = time.perf_counter() - self._began
        self._last_loss = line["loss"]
        self._writer.line(line)
        if self._every is not None and self.steps % self._every == 0 and self._weights is not None:
            self.checkpoint()
        self._left = time.perf_counter()

    def _epoch_after(self, epoch: Optional[float]) -> float:
        """Epochs seen: as given; of a network by its batches; else one a step."""
        if epoch is not None:
            self._epoch = _number(epoch, "epoch")
        elif self._samples is not None:
            whole, seen = self._position()
            self._epoch = whole + seen / self._samples
        else:
            self._epoch = float(self.steps)
        return self._epoch

    def _position(self) -> Tuple[int, int]:
        """Whole epochs, and samples into the next one."""
        if self._samples is None:
            return int(self._epoch), 0
        size = min(self._batch or self._samples, self._samples)
        whole, batches = divmod(self.steps, -(-self._samples // size))
        return whole, batches * size

    def checkpoint(self, weights: Any = None) -> None:
        """Stores the weights after the last step: those given, else those of `step` or the torch model. Made by itself at the start, every `checkpoint_every` steps and at the end."""
        if weights is not None:
            self._note_weights(weights)
        if self._weights is None or self._parameters is None:
            raise SaddlescopeError("checkpoint: there are no weights of this step; hand them to it or to step(loss, weights)")
        if self._checkpointed == self.steps and weights is None:
            return
        self._writer.sync()
        epoch, into = self._position()
        state = {
            "schemaVersion": 1,
            "step": self.steps,
            "epoch": epoch,
            "samplesIntoEpoch": into,
            "random": {},
            "seconds": self._seconds,
            "wallSeconds": time.perf_counter() - self._began,
            "gradientEvaluations": self.steps,
            "optimizer": {},
        }
        write_checkpoint(self.folder, state, self._parameters.stored(self._weights))
        self._checkpointed = self.steps
        drop_checkpoints(self.folder, int(self._spec["checkpoints"]["keep"]))
        self._writer.refresh()

    def snapshot(self, hessian: Any = None, *, eigenvalues: Any = None, vectors: int = 16, keep: bool = True, order: Optional[str] = None) -> None:
        """Stores curvature that you computed at the weights after the last step: a symmetric matrix (its spectrum is computed here), or eigenvalues alone.

        A matrix of all parameters is the block `full`; a dict of them by block (`W1` with its bias, …) goes for a network. ``order``: of rows and columns,
        "model" (the default with a torch model; as `torch.nn.utils.parameters_to_vector` has them) or "run" (W1 inputs × units row by row, b1, …). ``vectors``: so many
        eigenvectors are kept, half of the smallest, half of the largest. ``keep``: the matrix too.
        """
        if (hessian is None) == (eigenvalues is None):
            raise SaddlescopeError("snapshot: needs either hessian or eigenvalues")
        if order not in (None, "model", "run"):
            raise SaddlescopeError(f'order: must be "model" or "run", got {order!r}')
        given = hessian if hessian is not None else eigenvalues
        parts = dict(given) if isinstance(given, Mapping) else {"full": given}
        known = {} if self._parameters is None else self._parameters.blocks()
        blocks: Dict[str, Dict[str, Any]] = {}
        for name, value in parts.items():
            if name not in known and not (self._parameters is None and name == "full"):
                raise SaddlescopeError(f'snapshot: there is no block "{name}"; there are {", ".join(known) or "full"}')
            size = known[name][1] if name in known else None
            if hessian is None:
                blocks[name] = {"eigenvalues": self._eigenvalues(as_numpy(value), size, name)}
                continue
            matrix = checked_matrix(as_numpy(value), size, f"hessian {name}")
            if name == "full" and order != "run" and self._parameters is not None:
                places = self._parameters.order_from(self._model)
                matrix = matrix[np.ix_(places, places)]
            elif order == "model" or (order is None and self._model is not None and name != "full"):
                raise SaddlescopeError('snapshot: blocks of a layer must be in the run\'s order; say order="run"')
            blocks[name] = {"hessian": matrix, "vectors": vectors, "keep": keep}
        stored = None if self._weights is None or self._parameters is None else self._parameters.stored(self._weights)
        sizes = [len(one["hessian"] if "hessian" in one else one["eigenvalues"]) for one in blocks.values()]
        count = self._parameters.count if self._parameters is not None else sizes[0]
        write_snapshot(self.folder, self.steps, count, blocks, {name: known.get(name, (0, 0))[0] for name in blocks}, stored)
        self._writer.refresh()
        self._left = time.perf_counter()

    @staticmethod
    def _eigenvalues(values: np.ndarray, size: Optional[int], name: str) -> np.ndarray:
        if values.ndim != 1 or len(values) != (size or len(values)) or not np.isfinite(values).all():
            wanted = "a vector of" if size is None else f"a vector of all {size}"
            raise SaddlescopeError(f"eigenvalues {name}: must be {wanted} finite numbers, got shape {values.shape}")
        return values

    def log(self, message: str) -> None:
        """A line for people in the run's log."""
        self._writer.log(str(message))

    def finish(self, state: str = "done", error: Optional[str] = None) -> Run:
        """Everything is on the disk, the state is recorded and the run given back. A run whose last loss was not finite is `diverged`. Again: nothing happens."""
        if state not in ("done", "interrupted", "failed", "diverged"):
            raise SaddlescopeError(f"state: must be done, interrupted, failed or diverged, got {state!r}")
        if not self._finalizer.alive:
            return self.run
        self._finalizer.detach()
        if state == "done" and finite(self._last_loss) is None:
            state, error = "diverged", f"the loss of step {self.steps} is {'not a number' if math.isnan(self._last_loss) else 'infinite'}"
        try:
            if self._weights is not None:
                self.checkpoint()
            if state == "done" and self._spec["budget"]["steps"] != self.steps and self.steps > 0:
                self._spec["budget"] = {**self._spec["budget"], "steps": self.steps, "seconds": None}
                write_json(self.folder / "spec.json", self._spec)
            self._writer.log(f"{state} at step {self.steps}{'' if error is None else f': {error}'}")
        except BaseException:
            self._writer.close("failed", "the end of the run could not be written")
            raise
        self._writer.close(state, error)
        return self.run

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], _: Optional[TracebackType]) -> None:
        if error is None:
            self.finish()
        elif isinstance(error, KeyboardInterrupt):
            self.finish("interrupted", "stopped by the user")
        else:
            self.finish("failed", f"{type(error).__name__}: {error}".splitlines()[0])


def _abandon(writer: RunWriter) -> None:
    try:
        writer.close("interrupted", "the program ended without finishing the recorder")
    except (OSError, SaddlescopeError):
        pass

"""Reads a log directory by TensorBoard's own loader: python read_tensorboard.py LOGDIR prints scalars and histograms of every run as JSON."""
import json
import sys
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import HISTOGRAMS, SCALARS, EventAccumulator

answer = {}
for folder in sorted(Path(sys.argv[1]).iterdir()):
    events = EventAccumulator(str(folder), size_guidance={SCALARS: 0, HISTOGRAMS: 0})
    events.Reload()
    tags = events.Tags()
    answer[folder.name] = {
        "scalars": {tag: [[e.step, e.value, e.wall_time] for e in events.Scalars(tag)] for tag in tags["scalars"]},
        "histograms": {
            tag: [
                [e.step, e.histogram_value.num, e.histogram_value.min, e.histogram_value.max, list(e.histogram_value.bucket)]
                for e in events.Histograms(tag)
            ]
            for tag in tags["histograms"]
        },
    }
print(json.dumps(answer))

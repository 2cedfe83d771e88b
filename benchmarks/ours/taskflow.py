"""TaskFlow in one process, whose offline model never waits: its pauses between words are not ours to measure."""

from functools import partial

from examples.taskflow import agent
from examples.taskflow.app import create_app
from examples.taskflow.offline import OfflineTaskModel

agent.OfflineTaskModel = partial(OfflineTaskModel, delay=0)
app = create_app()

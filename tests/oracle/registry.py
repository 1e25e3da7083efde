"""The list of networks: a decorator that makes a function that builds one into a case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.oracle.samples import Sampler, normal

KERAS_3 = "keras3"
TF_KERAS = "tf_keras"
GENERATIONS = (KERAS_3, TF_KERAS)

KERAS_ARCHIVES = ("k3-keras", "k2-keras")
ALL_WRITERS = (*KERAS_ARCHIVES, "k3-h5", "k2-h5")
"""Names of `writers.WRITERS`: a Keras generation and a container."""


@dataclass(frozen=True)
class Network:
    """One case: `build` takes a Keras namespace and returns a model.

    `family` is the file that it stands in. `inputs` is one sampler for all inputs, or one by input name. `generations`
    has those whose Keras can build it, `writers` those that can save it. A `trained` network is compiled and trained
    for one step, so that its files hold an optimizer's state. `calibrated` networks have their batch statistics taken
    from real activations, without which signals die or explode in deep ones. `finish` changes the model once it has its
    values: it quantizes it, say. `policy` is the global dtype policy under which it is built, where its numbers are to
    be those of the same network in float32, which is all that TensorFlow.js computes in. `changeless` are outputs that
    no input changes. What is not `reloaded`, its own Keras cannot read. `twin` builds a network that gives the
    same numbers with the same weights, for one that Keras cannot run here. `refused` lists what the refusal must say of
    a case that TensorFlow.js cannot express; it is empty for a network that must convert.
    """

    name: str
    family: str
    build: Callable[[Any], Any]
    inputs: Sampler | Mapping[str, Sampler]
    generations: tuple[str, ...]
    writers: tuple[str, ...]
    trained: bool
    calibrated: bool
    refused: tuple[str, ...]
    finish: Callable[[Any], Any] | None = None
    policy: str = ""
    changeless: tuple[str, ...] = ()
    reloaded: bool = True
    twin: Callable[[Any], Any] | None = None

    def sampler(self, name: str) -> Sampler:
        """Return what fills the input `name`."""
        return self.inputs[name] if isinstance(self.inputs, Mapping) else self.inputs


class Suite(dict[str, Network]):
    """The networks of one suite, by name."""

    def network(
        self,
        *,
        inputs: Sampler | Mapping[str, Sampler] | None = None,
        generations: tuple[str, ...] = GENERATIONS,
        writers: tuple[str, ...] = ALL_WRITERS,
        trained: bool = False,
        calibrated: bool = False,
        refused: tuple[str, ...] = (),
        finish: Callable[[Any], Any] | None = None,
        policy: str = "",
        changeless: tuple[str, ...] = (),
        reloaded: bool = True,
        twin: Callable[[Any], Any] | None = None,
    ) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
        """Register the function below as a network, under its own name."""

        def register(build: Callable[[Any], Any]) -> Callable[[Any], Any]:
            name = build.__name__
            if name.lower() in {each.lower() for each in self}:
                raise ValueError(f"two networks are called {name}")
            family = build.__module__.rpartition(".")[2]
            self[name] = Network(
                name,
                family,
                build,
                inputs or normal(),
                generations,
                writers,
                trained,
                calibrated,
                refused,
                finish,
                policy,
                changeless,
                reloaded,
                twin,
            )
            return build

        return register

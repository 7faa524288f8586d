"""A lifecycle: the states of one kind of thing, and every change between them that is allowed.

One table per lifecycle is the whole truth: the code asks it, the tests walk it, and
``docs/lifecycles.md`` is drawn from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from unisono.core.errors import UnisonoError


class TransitionRefused(UnisonoError):
    """The thing is not in a state that allows this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """A named table ``{state: {next state: its cause}}``; the first state is the initial one."""

    name: str
    transitions: Mapping[str, Mapping[str, str]]

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, in the order of the table."""
        return tuple(self.transitions)

    def sources(self, target: str) -> tuple[str, ...]:
        """Return the states from which ``target`` may be reached in one change."""
        return tuple(state for state, after in self.transitions.items() if target in after)

    def allows(self, state: str, target: str) -> bool:
        """Return whether ``state`` may become ``target``."""
        return target in self.transitions[state]

    def require(self, state: str, target: str, *, what: str) -> None:
        """Raise TransitionRefused, naming ``what``, unless ``state`` may become ``target``."""
        if not self.allows(state, target):
            after = ", ".join(self.transitions[state]) or "nothing: it is final"
            message = f"{what} is {state} and cannot become {target}; it can become: {after}"
            raise TransitionRefused(message)

    def drawn(self) -> str:
        """Return the table as a Mermaid state diagram."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.states[0]}"]
        for state, after in self.transitions.items():
            lines += [f"    {state} --> {target}: {cause}" for target, cause in after.items()]
            if not after:
                lines.append(f"    {state} --> [*]")
        return "\n".join(lines)

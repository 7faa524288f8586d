"""``GET /problems/{code}``: what an error means, why it happens and what helps."""

import msgspec
from litestar import get
from litestar.params import FromPath

from unisono.api import refusals
from unisono.api.authentication import PUBLIC
from unisono.api.errors import PROBLEMS


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of problem."""

    code: str
    title: str
    status: int
    cause: str
    cure: str


EXPLANATIONS = {
    kind.code: Explanation(
        code=kind.code, title=kind.title, status=each.status, cause=each.cause, cure=each.cure
    )
    for kind, each in PROBLEMS.items()
}


@get("/problems/{code:str}", opt=PUBLIC, tags=["problems"], sync_to_thread=False)
def explain(code: FromPath[str]) -> Explanation:
    """Explain a problem: the address that problem documents name as their type."""
    explanation = EXPLANATIONS.get(code)
    if explanation is None:
        message = f"there is no problem with the code “{code[:100]}”"
        raise refusals.UnknownRoute(message)
    return explanation

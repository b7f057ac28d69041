"""Lines as people name them: by key, or by the article where only one line has it."""

from collections.abc import Sequence

from oms_core.domain.errors import InvalidRequestError


def line_meant(name: str, lines: Sequence[tuple[str, str | None]]) -> str:
    """The key of the line that `name` means; the name itself where nobody has it, so that the command refuses it.

    Args:
        name: a line's key, or the SKU of exactly one line.
        lines: key and SKU of every line of the order.

    Raises:
        InvalidRequestError: LINE_AMBIGUOUS where several lines have the article.
    """
    if any(key == name for key, _ in lines):
        return name
    keys = [key for key, sku in lines if sku == name]
    if len(keys) > 1:
        raise InvalidRequestError(
            "LINE_AMBIGUOUS",
            f"{len(keys)} lines are of article {name}",
            remedy=f"Name the line by its key: {', '.join(keys[:-1])} or {keys[-1]}.",
            line=name,
            lines=keys,
        )
    return keys[0] if keys else name

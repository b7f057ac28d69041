"""What dbt's manifest says about where a number comes from: the tables behind it, and what tells their rows apart."""

from typing import Any

from pipelines.marts.templates import Mart


def marts_of(manifest: Any) -> tuple[Mart, ...]:
    """Every mart with the columns of its primary key, in the order its contract names them."""
    models = [node for node in manifest.nodes.values() if node.unique_id.startswith("model.")]
    found = [
        Mart(name=f"{node.schema}.{node.name}", keys=tuple(constraint.columns))
        for node in models
        for constraint in node.constraints
        if str(getattr(constraint.type, "value", constraint.type)) == "primary_key"
    ]
    return tuple(sorted(found, key=lambda mart: mart.name))


def lineage_of(manifest: Any, node: Any) -> tuple[str, ...]:
    """Tables from the raw ones to the marts a node reads, each after what it is made of."""
    found: list[str] = []

    def visit(unique_id: str) -> None:
        upstream = (
            manifest.sources.get(unique_id)
            or manifest.semantic_models.get(unique_id)
            or manifest.metrics.get(unique_id)
            or manifest.nodes.get(unique_id)
        )
        for parent in sorted(getattr(upstream, "depends_on_nodes", [])):
            visit(parent)
        if unique_id.startswith(("source.", "model.")):
            name = f"{upstream.schema}.{upstream.name}"
            if name not in found:
                found.append(name)

    visit(node.unique_id)
    return tuple(found)

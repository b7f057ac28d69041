"""The asset graph: core changes → raw tables → dbt models and their tests → one published snapshot."""

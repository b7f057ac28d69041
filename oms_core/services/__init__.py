"""Use cases, one a module: load, decide by the domain's rules, record, inside one write transaction."""

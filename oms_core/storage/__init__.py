"""Tables, engine, migrations and set-based statements. Knows the domain; knows no service and no file format."""

"""Rules: values in, values out. No database, no frame, no clock, no framework."""

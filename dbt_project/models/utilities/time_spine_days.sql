{{ calendar_days("date '2000-01-01'", "date '2059-12-31'") }}

"""What pages are built of: filters, headline tiles, notices, tables, timelines, export. No page of its own."""

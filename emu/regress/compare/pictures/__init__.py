"""Pictures of a comparison: each a file that makes an SVG picture of a report, and a row in `table`."""

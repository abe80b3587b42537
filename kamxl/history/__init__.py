"""What earlier runs found: changes kept in a sheet, trend, moves between categories, growth since the beginning."""

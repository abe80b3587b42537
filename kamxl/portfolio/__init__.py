"""What a portfolio tells: concentration, effort against revenue, dormant revenue, white space, data quality.

Figures from Scored, as plain records and arrays; knows nothing of sheets, hosts or history. NumPy is imported where
numbers are made, so that reading rules stays light.
"""

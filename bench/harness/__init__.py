"""Runs the rows of bench/rows.py against the service and against PostgreSQL itself, and prints one table."""

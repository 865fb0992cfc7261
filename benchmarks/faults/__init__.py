"""Scans while everything dies: workers, API, database, the receiver of webhooks."""

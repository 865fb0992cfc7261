"""The service: cases, scans, queue, decisions, ledger, webhooks, retention."""

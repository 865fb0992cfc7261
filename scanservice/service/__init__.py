"""The service: cases, scans, queue, decisions, ledger, webhooks, retention.

`open_services(settings)` gives `Services`; its `db.write()` and `db.read()` open a transaction `tx`.
Functions that take a `tx` do one thing in it and raise `RefusedError` where the state of things
forbids it; whoever opened the transaction decides what else belongs to it.

| module | for |
|---|---|
| `cases` | `put_case`, `get_case`, `facts_of` |
| `uploads` | `accept`: from stored files to a promised scan |
| `scans` | `detail`, `summary`, `scans_of`, `verdict_of`, `internal_of` (reviewers) |
| `drawing` | `page_picture`, drawn early by the workers |
| `queue` | `list_queue(tx, QueueFilter)`, `count_queue`, `find_next` |
| `decisions` | `decide(tx, Decision, undo_ms)`, `undo`, `history`, `changed_since` |
| `papers` | the ledger: `put_paper`, `put_papers`, `issue_range`, `list_papers`, `history` |
| `sheets` | the same as a file: `read_sheet`, `write_csv`, `write_xlsx` |
| `links` | `create_link`, `open_link`, `renew_link`, `newest_of` |
| `hooks` | `put_hook`, `list_hooks`, `list_deliveries`, `attempts_of`, `replay` |
| `accounts` | `log_in(db, …)`, `find_session`, `log_out`, `create_account`, `change_account` |
| `keys` | `create_key`, `list_keys`, `revoke_key` |
| `statistics` | `season`, `check_quality`, `overturned`, `decided_by` |
| `corrections` | `add_correction`, `list_corrections`: labelled examples |
| `reruns` | `create_rerun`, `get_rerun`, `apply_rerun`, `discard_rerun` |
| `erasure` | `erase_case` |
| `events`, `courier` | what the main system is told, and the telling |
| `jobs`, `judging`, `worker` | from a promise to its verdict |
| `sandbox`, `checking` | the process in which pictures are opened, and the seam to the check |

What a student sees comes from `scans.detail` alone; `internal_of` names other cases and is for reviewers.
"""

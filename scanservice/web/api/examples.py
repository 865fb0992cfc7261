"""Examples for the API's document; everybody in them is invented."""

CASE = {
    "case": "2019-21160231045",
    "today": "2018-12-25",
    "student": {
        "number": "21160231045",
        "name": "张海洋",
        "id_number": "37020219950318452X",
        "college": "海洋生命学院",
    },
    "entry": {
        "serial": "2019100423",
        "employer_name": "上海蓝海生物科技有限公司",
        "employer_region": "310115",
        "archive_receiver": "上海市浦东新区人才交流服务中心",
        "student_signed_on": "2018-12-18",
        "employer_signed_on": "2018-12-20",
        "confirmed_on": "2018-12-21",
    },
    "workflow": {
        "registered": True,
        "account": "enabled",
        "route": "out_of_province",
        "state": "entry_confirmed",
        "papers": [{"serial": "2019100423", "issued_on": "2018-10-12", "status": "held"}],
        "terminations": [],
    },
}

SCAN = {
    "scan": "scan_5f0c2d7e9a41b3c86d20e1f4",
    "case": "2019-21160231045",
    "state": "received",
    "stage": "received",
    "version": 1,
    "superseded": False,
    "verdict_kind": None,
    "verdict_version": 0,
    "received_at": "2018-12-25T02:11:09.412Z",
    "checked_at": None,
    "href": "/v1/scans/scan_5f0c2d7e9a41b3c86d20e1f4",
}

VERDICT = {
    "format": 1,
    "verdict": "return",
    "final": False,
    "case": "2019-21160231045",
    "template": {"id": "ouc-2019", "version": "9f2c" + "0" * 60},
    "pages": [],
    "serial": {"read": "2019100423", "expected": "2019100423", "agreement": "agree", "confidence": 0.999},
    "regions": [],
    "findings": [
        {
            "code": "employer-seal-missing",
            "severity": "return",
            "region": "employer_seal",
            "page": 0,
            "quad": [[310.5, 2101.2], [802.1, 2110.4], [799.8, 2588.0], [308.0, 2579.3]],
            "params": {},
            "message": "用人单位没有盖章。",
            "advice": "请用人单位盖章后重新上传。",
            "clause": "二(二)2",
        }
    ],
    "input_sha256": ["ab" * 32],
    "versions": {"scanservice": "0.1.0", "rules": "1", "recogniser": "ppocr-v6"},
    "timings_ms": {"decode": 180, "align": 240, "measure": 160, "read": 1100, "total": 1680},
}

CHECKED = SCAN | {
    "state": "checked",
    "stage": "done",
    "version": 2,
    "verdict_kind": "return",
    "verdict_version": 1,
    "checked_at": "2018-12-25T02:11:12.020Z",
    "being_judged": False,
    "verdict": VERDICT,
    "decision": None,
    "pictures_kept": True,
}

EVENT = {
    "seq": 17,
    "id": "evt_8c1e0d3f5a7b9c2e4d6f8a01",
    "type": "scan.checked",
    "timestamp": "2018-12-25T02:11:12.020Z",
    "data": {
        "case": "2019-21160231045",
        "scan": "scan_5f0c2d7e9a41b3c86d20e1f4",
        "version": 2,
        "verdict": "return",
        "verdict_version": 1,
        "superseded": False,
        "findings": [{"code": "employer-seal-missing", "severity": "return", "region": "employer_seal"}],
    },
}

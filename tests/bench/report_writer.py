"""Writes one report in a process of its own, so that its peak memory is its own: URL, campaign, kind, file."""

import json
import resource
import sys
import time
from pathlib import Path

from campaign.reports.verify import verify_report
from campaign.reports.write import write_report
from models import Campaign
from models.session import make_engine, make_sessions

url, campaign_id, kind, out = sys.argv[1:]
sessions = make_sessions(make_engine(url))
with sessions() as session:
    campaign = session.get_one(Campaign, int(campaign_id))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, cpu = time.perf_counter(), time.process_time()
    if kind == "verify":
        lines = verify_report(session, Path(out), campaign.name).same
    else:
        lines = write_report(session, campaign, kind, Path(out)).lines
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"lines": lines, "seconds": seconds, "cpu": cpu, "before_kb": before, "peak_kb": peak}))

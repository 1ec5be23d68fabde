"""usage: report.py child <jobId> | report.py nexus <jobId> [endpoint]

Starts one of the workflows and prints its result.
"""

import asyncio
import os
import sys
import uuid

from temporalio.client import Client
from temporalio.envconfig import ClientConfig

from workflows import ReportByChild, ReportByNexus


async def main(door: str, job_id: str, endpoint: str = "modelarts-restarts") -> None:
    client = await Client.connect(**ClientConfig.load_client_connect_config())
    restart = {"jobId": job_id, "pollInterval": "1s", "reason": "an example"}
    workflow, args = (
        (ReportByChild.run, [restart])
        if door == "child"
        else (ReportByNexus.run, [restart, endpoint])
    )
    line = await client.execute_workflow(
        workflow,
        args=args,
        id=f"report-{uuid.uuid4()}",
        task_queue="python-reports",
    )
    print(line)


if len(sys.argv) not in (3, 4) or sys.argv[1] not in ("child", "nexus"):
    sys.exit(__doc__)
asyncio.run(main(*sys.argv[1:]))
# Skips the interpreter's clean-up, because a thread of the SDK may abort an interpreter that ends
# right after an answer (github.com/temporalio/sdk-python/issues/300).
sys.stdout.flush()
os._exit(0)

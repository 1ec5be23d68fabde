"""usage: report.py <jobId>: starts the workflow and prints its result."""

import asyncio
import os
import sys
import uuid

from temporalio.client import Client
from temporalio.envconfig import ClientConfig

from workflows import ReportRestart


async def main(job_id: str) -> None:
    client = await Client.connect(**ClientConfig.load_client_connect_config())
    line = await client.execute_workflow(
        ReportRestart.run,
        {"jobId": job_id, "pollInterval": "1s", "reason": "an example"},
        id=f"report-{uuid.uuid4()}",
        task_queue="python-reports",
    )
    print(line)


if len(sys.argv) != 2:
    sys.exit(__doc__)
asyncio.run(main(sys.argv[1]))
# A thread of the SDK may abort an interpreter that ends right after an answer
# (github.com/temporalio/sdk-python/issues/300): leave without the interpreter's own clean-up.
sys.stdout.flush()
os._exit(0)

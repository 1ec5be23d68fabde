"""This project's worker, on its own task queue. Restarts run on the restarter's worker."""

import asyncio
import signal

from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.worker import Worker

from workflows import ReportByChild, ReportByNexus


async def main() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    client = await Client.connect(**ClientConfig.load_client_connect_config())
    workflows = [ReportByChild, ReportByNexus]
    async with Worker(client, task_queue="python-reports", workflows=workflows):
        print("listening on python-reports", flush=True)
        await stop.wait()


asyncio.run(main())

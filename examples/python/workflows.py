"""Workflows that let another program, the restarter, restart a ModelArts job."""

from collections.abc import Awaitable
from typing import Any

from temporalio import workflow
from temporalio.exceptions import (
    ApplicationError,
    ChildWorkflowError,
    NexusOperationError,
)

Json = dict[str, Any]


@workflow.defn
class ReportByChild:
    """Restarts a job through a child workflow, in the same namespace."""

    @workflow.run
    async def run(self, restart: Json) -> str:
        # Sets no workflow id: under any id the child starts *the* restart of the job, or joins it.
        outcome = workflow.execute_child_workflow(
            "restartVisualizationJob",
            restart,
            task_queue="modelarts-restarts",
            result_type=Json,
        )
        return await report(restart, outcome)


@workflow.defn
class ReportByNexus:
    """Restarts a job through a Nexus operation, for a restarter in any namespace."""

    @workflow.run
    async def run(self, restart: Json, endpoint: str) -> str:
        restarts = workflow.create_nexus_client(
            service="modelarts-restarts", endpoint=endpoint
        )
        outcome = restarts.execute_operation(
            "restartVisualizationJob", restart, output_type=Json
        )
        return await report(restart, outcome)


async def report(restart: Json, running: Awaitable[Json]) -> str:
    """Waits for a restart, and describes its end in one line."""
    job = f"job {restart['jobId']}"
    try:
        outcome = await running
    except (ChildWorkflowError, NexusOperationError) as error:
        failure = error.cause
        # Leaves other errors, such as a cancellation, to the caller.
        if not isinstance(failure, ApplicationError):
            raise
        # The first detail is the outcome. Only a failure for bad input has none.
        if not failure.details:
            return f"{job}: not tried ({failure.type}), {failure.message}"
        outcome = failure.details[0]
        return (
            f"{job}: {outcome['outcome']} ({failure.type}), "
            f"was {outcome['before']['name']}, "
            f"ModelArts says: {outcome['error']['message']}"
        )
    path = " → ".join(change["name"] for change in outcome["transitions"])
    return f"{job}: {outcome['outcome']}, now {outcome['last']['name']}, by way of {path}"

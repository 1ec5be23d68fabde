"""Workflows that restart a ModelArts job by another program, the restarter."""

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
    """Restarts a job by a child workflow, in the same namespace."""

    @workflow.run
    async def run(self, restart: Json) -> str:
        # No id: under one of its own the child runs *the* restart of the job, or joins it.
        outcome = workflow.execute_child_workflow(
            "restartVisualizationJob",
            restart,
            task_queue="modelarts-restarts",
            result_type=Json,
        )
        return await report(restart, outcome)


@workflow.defn
class ReportByNexus:
    """The same by a Nexus operation: the restarter may be in another namespace."""

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
    """Says in a line what came of a restart."""
    job = f"job {restart['jobId']}"
    try:
        outcome = await running
    except (ChildWorkflowError, NexusOperationError) as error:
        failure = error.cause
        # A cancellation, say, is not this function's to handle.
        if not isinstance(failure, ApplicationError):
            raise
        # The first detail is the outcome; only bad input has none.
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

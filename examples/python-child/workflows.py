"""A workflow that restarts a ModelArts job by a child workflow of another program."""

from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError, ChildWorkflowError


@workflow.defn
class ReportRestart:
    """Restarts a job and says in a line what came of it."""

    @workflow.run
    async def run(self, restart: dict[str, Any]) -> str:
        job = f"job {restart['jobId']}"
        try:
            # No id: under one of its own the child runs *the* restart of the job, or joins it.
            outcome: dict[str, Any] = await workflow.execute_child_workflow(
                "restartVisualizationJob",
                restart,
                task_queue="modelarts-restarts",
                result_type=dict[str, Any],
            )
        except ChildWorkflowError as error:
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

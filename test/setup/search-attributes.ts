import type { WorkflowHandle } from '@temporalio/client';

/** The names of ModelArts' search attributes that a workflow was started with, and that it has written since. */
export async function attributeNamesOf(
  handle: Pick<WorkflowHandle, 'fetchHistory'>,
): Promise<{ atStart: string[]; written: string[] }> {
  const { events } = await handle.fetchHistory();
  const names = (attributes: { indexedFields?: object | null } | null | undefined): string[] =>
    Object.keys(attributes?.indexedFields ?? {})
      .filter((name) => name.startsWith('ModelArts'))
      .toSorted();
  return {
    atStart: names(events?.[0]?.workflowExecutionStartedEventAttributes?.searchAttributes),
    written: (events ?? []).flatMap((event) =>
      names(event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes),
    ),
  };
}

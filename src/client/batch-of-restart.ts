import type { WorkflowExecutionInfo } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { defined } from '../domain/defined.js';
import { SEARCH_ATTRIBUTE } from '../names.js';

/** The batch that started a restart. */
export interface BatchOfRestart {
  /** The batch's workflow id; absent if only the search attribute is there. */
  workflowId?: string;
  name?: string;
}

const BATCH_ATTRIBUTE = defineSearchAttributeKey(SEARCH_ATTRIBUTE.batch, 'KEYWORD');

/**
 * Reads which batch started a restart. The memo has the batch's workflow id and name. The search
 * attribute has the name, or the workflow id if the batch has no name.
 */
export function batchOf({
  memo,
  typedSearchAttributes,
}: Pick<WorkflowExecutionInfo, 'memo' | 'typedSearchAttributes'>): BatchOfRestart | undefined {
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const workflowId = text(memo?.['batch']);
  const attribute = typedSearchAttributes.get(BATCH_ATTRIBUTE);
  const name = text(memo?.['batchName']) ?? (attribute === workflowId ? undefined : attribute);
  if (workflowId === undefined && name === undefined) return undefined;
  return defined({ workflowId, name });
}

import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { batchOf } from '../../src/client/batch-of-restart.js';

const KEY = defineSearchAttributeKey('ModelArtsBatch', 'KEYWORD');
const ID = 'restarts:p:nightly';

const of = (memo: Record<string, unknown> = {}, attribute?: string) =>
  batchOf({
    memo,
    typedSearchAttributes: new TypedSearchAttributes(
      attribute === undefined ? [] : [{ key: KEY, value: attribute }],
    ),
  });

it.each([
  ['the memo alone', of({ batch: ID, batchName: 'nightly' }), { workflowId: ID, name: 'nightly' }],
  ['the search attribute alone', of(undefined, 'nightly'), { name: 'nightly' }],
  ['both', of({ batch: ID, batchName: 'nightly' }, 'nightly'), { workflowId: ID, name: 'nightly' }],
  ['both, of a batch without a name', of({ batch: ID }, ID), { workflowId: ID }],
])('reads the batch from %s', (_, batch, expected) => {
  expect(batch).toEqual(expected);
});

it('has none for a restart that somebody started by itself', () => {
  expect(of(undefined)).toBeUndefined();
  expect(of({ other: 'memo' })).toBeUndefined();
});

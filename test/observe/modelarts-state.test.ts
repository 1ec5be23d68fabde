import { codeForMetrics, denialOf } from '../../src/domain/answer.js';
import { ModelArtsState } from '../../src/observe/modelarts-state.js';

it('says nothing before the first answer', () => {
  expect(new ModelArtsState().report).toEqual({});
});

it('takes a refusal for an answer, and keeps the last error after it works again', () => {
  const state = new ModelArtsState();
  state.answered({ kind: 'again', error: { message: 'no answer' } });
  expect(state.report).toMatchObject({ ok: false, lastError: { message: 'no answer' } });
  state.answered({ kind: 'refused', error: { code: 'ModelArts.0105', message: 'no' } });
  expect(state.report).toMatchObject({ ok: true, lastError: { code: 'ModelArts.0105' } });
  state.answered({ kind: 'accepted' });
  expect(state.report).toMatchObject({ ok: true, lastError: { at: expect.any(String) as string } });
});

it.each([
  [{ code: 'ModelArts.0206' }, 'credentials'],
  [{ code: 'APIG.0301', httpStatus: 401 }, 'credentials'],
  [{ httpStatus: 401 }, 'credentials'],
  [{ code: 'ModelArts.0108', httpStatus: 403 }, 'rights'],
  [{ code: 'ModelArts.0109', httpStatus: 500 }, 'rights'],
  [{ httpStatus: 403 }, 'rights'],
  [{ code: 'ModelArts.0105', httpStatus: 400 }, undefined],
  [{ httpStatus: 404 }, undefined],
])('%j is a refusal of %s', (error, expected) => {
  expect(denialOf({ message: 'no', ...error })).toBe(expected);
});

it.each([
  ['ModelArts.0105', 'ModelArts.0105'],
  ['APIG.0301', 'APIGW.0301'],
  ['ModelArts.0108', 'ModelArts.0108'],
  ['ModelArts.9876', 'other'],
  ['<script>', 'other'],
  [undefined, 'none'],
])('the code %s is the label %s', (code, label) => {
  expect(codeForMetrics({ message: 'no', ...(code !== undefined && { code }) })).toBe(label);
});

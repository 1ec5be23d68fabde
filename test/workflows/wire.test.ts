import { openStage, type Stage } from '../setup/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const restart = [
  { afterMs: 0, status: 7 },
  { afterMs: 800, status: 8 },
];

it.concurrent('a job id beyond 2^53 that ModelArts sends as a number stays exact', async () => {
  const jobId = '9007199254740993';
  stage.simulator.addJob({ jobId, status: 12, timelines: { restart } });
  expect(await stage.restart({ jobId })).toMatchObject({ status: 'completed', outcome: { jobId } });
});

it.concurrent.each([
  ['status as a string', '7501', { statusAs: 'string' }],
  ['job id as a string', '7502', { jobIdAs: 'string' }],
  ['is_success on the detail answer', '7503', { isSuccessOnDetail: true }],
] as const)('%s makes no difference', async (_, jobId, quirks) => {
  stage.simulator.addJob({ jobId, status: 12, timelines: { restart }, quirks });
  expect(await stage.restart({ jobId })).toMatchObject({ status: 'completed' });
});

it.concurrent.each([
  ['error_message under 200', '7601', { errorText: 'error_message', refusalHttpStatus: 200 }],
  ['error_msg under 200', '7602', { errorText: 'error_msg', refusalHttpStatus: 200 }],
  ['error_message under 400', '7603', { errorText: 'error_message', refusalHttpStatus: 400 }],
  ['error_msg under 400', '7604', { errorText: 'error_msg', refusalHttpStatus: 400 }],
] as const)('a refusal by %s is read alike', async (_, jobId, quirks) => {
  stage.simulator.addJob({ jobId, status: 8, quirks });
  expect(await stage.restart({ jobId })).toMatchObject({
    type: 'ModelArts.0105',
    outcome: {
      error: {
        message: "This job can't be resubmit. job status: 8",
        httpStatus: quirks.refusalHttpStatus,
      },
    },
  });
});

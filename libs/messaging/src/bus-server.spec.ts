import { afterEach, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { BusServer } from './bus-server.js';

afterEach(() => Logger.overrideLogger(['fatal']));

it('an alarm about a question from nobody who may ask says so in its line', async () => {
  const error = jest.fn();
  Logger.overrideLogger({ log: error, warn: error, error });
  const server = new BusServer({} as never, 'prediction');
  const reply = '_INBOX_prediction.forged.1';
  await server.handleMessage('rpc.prediction.run.predict.v1', { reply } as never);
  expect(error.mock.calls.map(([line]) => line)).toEqual([
    {
      ...{ subject: 'rpc.prediction.run.predict.v1', reply },
      what: 'a question from nobody who may ask is passed over',
    },
  ]);
});

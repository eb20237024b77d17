// The same bytes, read by our driver and by the provider's own SDK. The SDK is given the body that our
// driver sent, and what it then sends is compared with it.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { call } from './driver.mjs';
import { expectedRecord, ways } from './exchange-file.mjs';
import { startReplay } from './replay-server.mjs';
import { sdks } from './sdk-clients.mjs';

let server;

// A server of the test's own: circuit breakers count the failures of an address.
beforeEach(async () => {
  server = await startReplay();
});

afterEach(() => server.stop());

/** A body without `stream: false`, which says what is so anyway. */
function asked({ stream, ...rest }) {
  return stream ? { stream, ...rest } : rest;
}

for (const sdk of sdks) {
  for (const { exchange, stream, reply, id } of ways(...sdk.providers)) {
    test(`${sdk.name} / ${id}`, async () => {
      server.play(reply);
      const ours = await call(exchange, server.url, stream);
      const [sent] = server.received;
      server.play(reply);
      const theirs = await sdk.call(exchange, server.url, structuredClone(sent.body), stream);
      const [theirRequest] = server.received;

      assert.equal(theirRequest.path, sent.path);
      assert.deepEqual(asked(theirRequest.body), asked(sent.body));
      const expected = expectedRecord(exchange);
      assert.equal(theirs.text, expected.text);
      assert.equal(ours.text, expected.text);
      if (expected.error) {
        assert.ok(ours.error instanceof Error);
        assert.ok(theirs.error, 'the SDK sees an error, too');
        if (theirs.error.status) assert.equal(theirs.error.status, ours.error.statusCode);
        return;
      }
      assert.equal(theirs.error, undefined);
      for (const name of ['thinking', 'toolCalls', 'finishReason', 'usage']) {
        assert.deepEqual(theirs[name], ours[name], `${name}: theirs and ours`);
        assert.deepEqual(theirs[name], expected[name], `${name}: theirs and what is expected`);
      }
    });
  }
}

// A loopback server that plays the replies of exchanges and keeps what it was asked.

import { once } from 'node:events';
import { createServer } from 'node:http';

export async function startReplay() {
  const replay = { reply: undefined, received: [] };
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    replay.received.push({
      method: request.method,
      path: request.url.split('?')[0],
      headers: request.headers,
      body: text ? JSON.parse(text) : undefined,
    });
    const { status, headers, pieces } = replay.reply;
    response.writeHead(status, headers);
    for (const piece of pieces) response.write(piece);
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(replay, {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Answers with `reply` from now on, and forgets what was received. */
    play(reply) {
      replay.reply = reply;
      replay.received.length = 0;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

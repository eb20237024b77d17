// The receiver of OTLP that the Python tests use: a process of its own that decodes protobuf.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const WORKSPACE = fileURLToPath(new URL('../../../../../', import.meta.url));
const PYTHON = process.env.CASCADEFLOW_TEST_PYTHON ?? `${WORKSPACE}.venv/bin/python`;

/** Starts a receiver; `stop` ends it. */
export async function startReceiver() {
  const child = spawn(PYTHON, [`${WORKSPACE}python/tests/otlp_receiver.py`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const ports = JSON.parse(line);
  const http = `http://127.0.0.1:${ports.http}`;
  const received = async () => (await fetch(`${http}/received`)).json();
  return {
    http,
    grpc: `http://127.0.0.1:${ports.grpc}`,
    received,
    /** The points of a metric. */
    async points(name) {
      const { metrics } = await received();
      return metrics.filter((metric) => metric.name === name).flatMap((metric) => metric.points);
    },
    async stop() {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

// Starts the program under test with an invented county on an empty data folder, and ends it.

import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const START_SECONDS = 60;

/** A free port of the loopback address. */
async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

export class Server {
  /** Starts `taizhang demo`; `more` are further arguments, `files` the county's own by path. */
  static async start(more = [], files = {}) {
    const server = new Server();
    server.data = await mkdtemp(join(tmpdir(), 'taizhang-e2e-'));
    for (const [path, text] of Object.entries(files)) {
      const place = join(server.data, 'demo', path);
      await mkdir(dirname(place), { recursive: true });
      await writeFile(place, text);
    }
    server.port = await freePort();
    await server.spawn(more);
    return server;
  }

  /** The address of a page. */
  url(path = '/') {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  async spawn(more = []) {
    const program = process.env.TAIZHANG_BINARY;
    if (!program) throw new Error('TAIZHANG_BINARY is not set; run `cargo xtask test --only-e2e`');
    const address = `127.0.0.1:${this.port}`;
    const words = ['demo', '--data', this.data, '--listen', address, ...more];
    this.output = '';
    this.child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = new Promise((resolve) => this.child.on('exit', resolve));
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (bytes) => (this.output += bytes));
    }
    await this.answering();
  }

  async answering() {
    for (let tenth = 0; tenth < START_SECONDS * 10; tenth += 1) {
      if (this.child.exitCode !== null) break;
      try {
        const answer = await fetch(this.url('/'), { redirect: 'manual' });
        if (answer.status < 500) return;
      } catch {
        // Not listening yet.
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await this.stop();
    throw new Error(`the server did not answer in ${START_SECONDS} s:\n${this.output}`);
  }

  /** Ends the process at once, as a power cut does, and keeps its data. */
  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Ends the process and removes its data. */
  async stop() {
    this.child.kill('SIGTERM');
    const forced = setTimeout(() => this.child.kill('SIGKILL'), 5000);
    await this.ended;
    clearTimeout(forced);
    await rm(this.data, { recursive: true, force: true });
  }
}

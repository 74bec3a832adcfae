/**
 * A port on loopback that nobody ever answers at: for a connection that a network would lose. It listens with the shortest queue and accepts nothing;
 * once its queue is full, the kernel drops whatever else comes, and the program's own patience decides.
 */
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

const LOOPBACK = '127.0.0.1'
/** More than a queue of one holds. */
const FILLING = 3
/** A thread that listens and then sleeps for ever: node accepts as long as it can. */
const SLEEPER = `
const { parentPort } = require('node:worker_threads')
const server = require('node:net').createServer().listen({ port: 0, host: '${LOOPBACK}', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port)
  setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
})`

export interface SilentDoor {
  port: number
  close(): void
}

export function openSilentDoor(): Promise<SilentDoor> {
  const worker = new Worker(SLEEPER, {
    eval: true,
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
  })
  worker.unref()
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (port: number) => {
      const sockets: Socket[] = []
      for (let i = 0; i < FILLING; i++) {
        const socket = connect(port, LOOPBACK)
        socket.on('error', () => socket.destroy())
        socket.unref()
        sockets.push(socket)
      }
      resolve({
        port,
        close() {
          for (const socket of sockets) socket.destroy()
          void worker.terminate()
        },
      })
    })
  })
}

import { describe, expect, it } from 'vitest'
import { createConnection, type Socket } from '../../../components/lab/connection.ts'
import { SUBPROTOCOL } from '../../../server/protocol/messages.ts'
import { FakeClock } from './fake-clock.ts'

class FakeSocket implements Socket {
  private listeners: Record<string, (event: { data?: unknown }) => void> = {}
  sent: string[] = []
  closed = false
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void {
    this.listeners[type] = listener
  }
  happen(type: 'open' | 'close' | 'message', data?: string): void {
    this.listeners[type]?.({ data })
  }
  send(data: string): void {
    this.sent.push(data)
  }
  close(): void {
    this.closed = true
  }
}

function setting() {
  const clock = new FakeClock()
  const sockets: FakeSocket[] = []
  const states: string[] = []
  const messages: unknown[] = []
  const connection = createConnection({
    open(subprotocol) {
      expect(subprotocol).toBe(SUBPROTOCOL)
      const socket = new FakeSocket()
      sockets.push(socket)
      return socket
    },
    after: (milliseconds, run) => clock.after(milliseconds, run),
    onMessage: (message) => messages.push(message),
    onState: (state, lost) => states.push(lost ? `${state} (lost)` : state),
  })
  const last = (): FakeSocket => sockets.at(-1) as FakeSocket
  const close = (): void => last().happen('close')
  return { clock, sockets, states, messages, connection, last, close }
}

describe('the connection', () => {
  it('opens nothing before it is started, and one socket then', () => {
    const { connection, sockets, states, last } = setting()
    expect(sockets).toHaveLength(0)
    connection.start()
    connection.start()
    last().happen('open')
    connection.start()
    expect(sockets).toHaveLength(1)
    expect(states).toEqual(['connecting', 'open'])
  })

  it('sends while it is open and says so, and gives out what it gets', () => {
    const { connection, messages, last } = setting()
    expect(connection.send({ t: 'attach', lab: 'talk' })).toBe(false)
    connection.start()
    last().happen('open')
    expect(connection.send({ t: 'attach', lab: 'talk' })).toBe(true)
    expect(last().sent).toEqual(['{"t":"attach","lab":"talk"}'])
    last().happen('message', '{"t":"output","lab":"talk","data":"x"}')
    expect(messages).toEqual([{ t: 'output', lab: 'talk', data: 'x' }])
  })

  it('takes a broken connection up again, with longer and longer waits, for ever', () => {
    const { connection, clock, sockets, states, last, close } = setting()
    connection.start()
    last().happen('open')
    const waits: number[] = []
    for (let attempt = 0; attempt < 8; attempt++) {
      close()
      const count = sockets.length
      let waited = 0
      while (sockets.length === count) {
        clock.forward(50)
        waited += 50
      }
      waits.push(waited)
    }
    expect(waits).toEqual([250, 250, 500, 1000, 2000, 5000, 5000, 5000])
    expect(states).toContain('waiting (lost)')
    last().happen('open')
    expect(states.at(-1)).toBe('open')
  })

  it('gives up where no bridge has ever answered, and is not asked again at once', () => {
    const { connection, clock, sockets, states, close } = setting()
    connection.start()
    close()
    clock.forward(250)
    close()
    clock.forward(30_000)
    expect(sockets).toHaveLength(2)
    expect(states.at(-1)).toBe('idle')
    connection.start()
    expect(sockets).toHaveLength(2)
    expect([connection.state, connection.isLost]).toEqual(['idle', false])
    clock.forward(30_000)
    connection.start()
    expect(sockets).toHaveLength(3)
  })

  it('does not wait when it is started while it waits', () => {
    const { connection, clock, sockets, close } = setting()
    connection.start()
    close()
    connection.start()
    expect(sockets).toHaveLength(2)
    expect(clock.pending).toBe(0)
  })

  it('closes its socket when it is stopped, and stays away', () => {
    const { connection, clock, sockets, states, last } = setting()
    connection.start()
    last().happen('open')
    connection.stop()
    expect(last().closed).toBe(true)
    clock.forward(60_000)
    expect(sockets).toHaveLength(1)
    expect(states.at(-1)).toBe('idle (lost)')
  })
})

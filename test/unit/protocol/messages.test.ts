import { describe, expect, test } from 'vitest'
import { clientMessage, MAX_INPUT, parseClientMessage } from '../../../server/protocol/messages.ts'

describe('a frame of a client', () => {
  test.each([
    [{ t: 'attach', lab: 'talk' }],
    [{ t: 'run', lab: 'talk', step: 'talk.12' }],
    [{ t: 'withdraw', lab: 'talk', step: 'talk.12' }],
    [{ t: 'catch-up', lab: 'configmap-2021', step: 'configmap-2021.3' }],
    [{ t: 'input', lab: 'talk', data: 'k get pod\r' }],
    [{ t: 'ack', lab: 'talk', characters: 5000 }],
    [{ t: 'reset-labs', labs: ['talk'] }],
    [{ t: 'reset-labs', labs: [] }],
  ])('that is a message is taken: %j', (message) => {
    expect(parseClientMessage(JSON.stringify(message))).toEqual({ message })
  })

  test.each([
    ['nonsense', 'the frame is not JSON'],
    ['{"t":"exec","command":"rm -rf /"}', /^t: /],
    ['{"t":"run","lab":"talk","step":"talk.1","command":"rm -rf /"}', /^command: /],
    ['{"t":"run","lab":"talk","step":"../x"}', /^step: /],
    ['{"t":"attach","lab":"Talk!"}', /^lab: /],
    [JSON.stringify({ t: 'input', lab: 'talk', data: 'x'.repeat(MAX_INPUT + 1) }), /^data: /],
    ['{"t":"ack","lab":"talk","characters":-1}', /^characters: /],
    ['null', /./],
  ])('that is none is told why: %.60s', (frame, error) => {
    expect(parseClientMessage(frame)).toEqual({ error: error instanceof RegExp ? expect.stringMatching(error) : error })
  })

  test('can name a lab and a step, and nothing that a shell would run', () => {
    expect(clientMessage.options.map((option) => Object.keys(option.entries).join(' '))).toMatchInlineSnapshot(`
      [
        "t lab",
        "t lab",
        "t lab step",
        "t lab step",
        "t lab step",
        "t lab data",
        "t lab characters",
        "t labs",
      ]
    `)
  })
})

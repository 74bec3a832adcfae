/** A shell's line, seen as a terminal shows it. */
import { Terminal } from '@xterm/headless'
import { describe, expect, it } from 'vitest'
import { startContainer } from '../container.ts'

/** Types into a shell of busybox. Returns the screen's lines after that, without those that are empty. */
async function screen(keys: string[], columns = 80): Promise<string[]> {
  const shell = startContainer('busybox', { command: ['sleep', 'infinity'] }).terminal(['sh'])
  shell.resize(columns, 24)
  for (const each of keys) shell.type(each)
  const terminal = new Terminal({ cols: columns, rows: 24, allowProposedApi: true })
  await new Promise<void>((done) => terminal.write(shell.shown(), done))
  const lines: string[] = []
  for (let row = 0; row < terminal.buffer.active.length; row++)
    lines.push(terminal.buffer.active.getLine(row)?.translateToString(true).trimEnd() ?? '')
  terminal.dispose()
  return lines.filter((line) => line !== '')
}

const LEFT = '\u001b[D'
const UP = '\u001b[A'

describe('the line of a shell', () => {
  it.each([
    ['is edited in the middle', [`echo ac${LEFT}b\r`], ['/ # echo abc', 'abc', '/ #']],
    ['has Home, End and Delete', ['xcho hi\u001b[H\u001b[3~e\u001b[F!\r'], ['/ # echo hi!', 'hi!', '/ #']],
    [
      'has Ctrl-A, Ctrl-E, Ctrl-U, Ctrl-W and Ctrl-K',
      ['junk\u0015cho a b\u0017c\u0001e\u0005d\u0002\u000b\r'],
      ['/ # echo a c', 'a c', '/ #'],
    ],
    ['erases a Hangul character whole, not one of its columns', ['echo 한글\u007f국\r'], ['/ # echo 한국', '한국', '/ #']],
    ['goes left over a Hangul character by two columns', [`echo 가나다${LEFT}${LEFT}라\r`], ['/ # echo 가라나다', '가라나다', '/ #']],
    [
      'remembers lines, and the one that was being typed',
      ['echo one\r', 'echo two\r', `ec${UP}${UP}\u001b[B\u001b[B`],
      ['/ # echo one', 'one', '/ # echo two', 'two', '/ # ec'],
    ],
    ['shows nothing of keys that it does not know', ['\u001b[15~\u001b[2~\u001bOPecho ok\r'], ['/ # echo ok', 'ok', '/ #']],
    ['is given up by Ctrl-C', ['junk\u0003', 'echo $?\r'], ['/ # junk^C', '/ # echo $?', '130', '/ #']],
    [
      'interrupts what runs by Ctrl-C, and loops as a whole',
      ['while true; do sleep 1; done\r', '\u0003', 'echo $?\r'],
      ['/ # while true; do sleep 1; done', '^C', '/ # echo $?', '130', '/ #'],
    ],
    [
      'interrupts a loop of the shell itself',
      ['while :; do :; done\r', '\u0003', 'echo $?\r'],
      ['/ # while :; do :; done', '^C', '/ # echo $?', '130', '/ #'],
    ],
    ['completes names of files', ['cat /etc/hostn\t\r'], ['/ # cat /etc/hostname', 'pod', '/ #']],
    ['is cleared from the screen by Ctrl-L, and stays', ['echo one\r', 'echo x\u000c\r'], ['/ # echo x', 'x', '/ #']],
    [
      'gives lines to a program that reads them',
      ['cat\r', 'hi\r', '\u0004', 'echo done\r'],
      ['/ # cat', 'hi', 'hi', '/ # echo done', 'done', '/ #'],
    ],
    [
      'takes a whole line that was typed ahead of its prompt',
      ['sleep 0.02\r', 'echo one\r', '', ''],
      ['/ # sleep 0.02', 'echo one', '/ # echo one', 'one', '/ #'],
    ],
    [
      'takes several lines that are pasted at once',
      ['echo one\rsleep 0.01\recho two\r', '', ''],
      ['/ # echo one', 'one', '/ # sleep 0.01', 'echo two', '/ # echo two', 'two', '/ #'],
    ],
  ])('%s', async (_what, keys, lines) => {
    expect(await screen(keys)).toEqual(lines)
  })

  it('goes on in the next row where the terminal ends, and can be edited across rows', async () => {
    expect(await screen([`echo abcdefghijklmnopqrs\u0001\u0005tu${LEFT.repeat(20)}X\r`], 20)).toEqual([
      '/ # echo aXbcdefghij',
      'klmnopqrstu',
      'aXbcdefghijklmnopqrs',
      'tu',
      '/ #',
    ])
    expect(await screen(['echo 가나다라마바사아\u007f\r'], 20)).toEqual(['/ # echo 가나다라마', '바사', '가나다라마바사', '/ #'])
  })

  it('ends by Ctrl-D with the code of the last command', () => {
    const shell = startContainer('busybox', { command: ['sleep', 'infinity'] }).terminal(['sh'])
    shell.type('false\r')
    shell.type('\u0004')
    expect(shell.code()).toBe(1)
  })
})

/** The shell's grammar: pipelines joined by `;`, newlines, `&&` and `||`. */
export interface Word {
  /** `literal`: single quoted or escaped, so that variables in it stay as they are. */
  parts: { text: string; literal: boolean }[]
}

export interface Command {
  words: Word[]
  redirect: { file: Word; append: boolean } | null
  /** `2>&1`. */
  errorsToOutput: boolean
  /** `2>FILE`. */
  errorsTo: string | null
}

export interface Pipeline {
  commands: Command[]
  /** What stood before it. */
  when: ';' | '&&' | '||'
}

export class ShellSyntaxError extends Error {}

type Token = { operator: string } | { word: Word }

/** Throws {@link ShellSyntaxError} with the end of busybox's message. */
function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let word: Word | null = null
  const add = (part: string, literal: boolean): void => {
    word ??= { parts: [] }
    word.parts.push({ text: part, literal })
  }
  const end = (): void => {
    if (word) tokens.push({ word })
    word = null
  }
  for (let i = 0; i < text.length;) {
    const rest = text.slice(i)
    const operator = /^(2>&1|2>|&&|\|\||>>|>|\||;|\n|&)/.exec(rest)?.[0]
    const letter = text[i] as string
    if (letter === '#' && !word) {
      i += /^[^\n]*/.exec(rest)?.[0].length ?? 1
    } else if (operator && !(operator.startsWith('2>') && word)) {
      end()
      tokens.push({ operator: operator === '\n' || operator === '&' ? ';' : operator })
      i += operator.length
    } else if (letter === ' ' || letter === '\t' || letter === '\r') {
      end()
      i++
    } else if (letter === "'" || letter === '"') {
      const close = text.indexOf(letter, i + 1)
      if (close < 0) throw new ShellSyntaxError('unterminated quoted string')
      add(text.slice(i + 1, close), letter === "'")
      i = close + 1
    } else if (letter === '\\') {
      add(text[i + 1] ?? '', true)
      i += 2
    } else {
      const plain = /^[^\s'"\\|&;>]+/.exec(rest)?.[0] ?? letter
      add(plain, false)
      i += plain.length
    }
  }
  end()
  return tokens
}

export function parseLine(text: string): Pipeline[] {
  const pipelines: Pipeline[] = []
  const newCommand = (): Command => ({ words: [], redirect: null, errorsToOutput: false, errorsTo: null })
  let pipeline: Pipeline = { commands: [], when: ';' }
  let command = newCommand()
  const endCommand = (): void => {
    if (command.words.length > 0) pipeline.commands.push(command)
    command = newCommand()
  }
  const tokens = tokenize(text)
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token
    if ('word' in token) {
      command.words.push(token.word)
      continue
    }
    const { operator } = token
    if (operator === '2>&1') {
      command.errorsToOutput = true
    } else if (operator === '>' || operator === '>>' || operator === '2>') {
      const file = tokens[++i]
      if (!file || !('word' in file)) throw new ShellSyntaxError('unexpected newline')
      if (operator === '2>') command.errorsTo = file.word.parts.map((part) => part.text).join('')
      else command.redirect = { file: file.word, append: operator === '>>' }
    } else {
      if (operator !== ';' && command.words.length === 0) throw new ShellSyntaxError(`unexpected "${operator}"`)
      endCommand()
      if (operator === '|') continue
      if (pipeline.commands.length > 0) pipelines.push(pipeline)
      pipeline = { commands: [], when: operator as Pipeline['when'] }
    }
  }
  endCommand()
  if (pipeline.commands.length > 0) pipelines.push(pipeline)
  return pipelines
}

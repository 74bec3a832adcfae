import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { goSyntaxError } from '../../../../server/lab/resources/kit/go-json.ts'

// What encoding/json of Go 1.26 says of each.
describe('a text that is no JSON', () => {
  it.each([
    ['', 'unexpected end of JSON input'],
    ['nope', "invalid character 'o' in literal null (expecting 'u')"],
    ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
    ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['{} {}', "invalid character '{' after top-level value"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.', 'unexpected end of JSON input'],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1e}', "invalid character '}' in exponent of numeric literal"],
    ['01', "invalid character '1' after top-level value"],
    ['\uFEFF{}', "invalid character 'ï' looking for beginning of value"],
    ['['.repeat(1_001), "invalid character '[' exceeded max depth"],
  ])('%j: %s', (text, message) => {
    expect(goSyntaxError(Buffer.from(text))).toBe(message)
  })

  it('is told from one that is', () => {
    fc.assert(fc.property(fc.json(), (text) => void expect(goSyntaxError(Buffer.from(text))).toBeNull()))
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 2 }), (json, place, noise) => {
        const text = json.slice(0, place % (json.length + 1)) + noise + json.slice(place % (json.length + 1))
        let isJson = true
        try {
          JSON.parse(text)
        } catch {
          isJson = false
        }
        expect(goSyntaxError(Buffer.from(text.toWellFormed())) === null).toBe(isJson)
      }),
    )
  })
})

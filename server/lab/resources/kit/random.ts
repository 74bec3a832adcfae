const LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

/** Letters and digits that spell no words, as apimachinery's util/rand: for generated names. */
export function randomSuffix(random: () => number, length = 5): string {
  let suffix = ''
  for (let i = 0; i < length; i++) suffix += LETTERS[Math.floor(random() * LETTERS.length)]
  return suffix
}

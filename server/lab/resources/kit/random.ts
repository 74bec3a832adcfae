/** The alphabet of generated names, as apimachinery's util/rand has it: no vowels, no digits that are taken for letters, so that they spell no words. */
export const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

/** As utilrand.String of apimachinery. `random` gives numbers in [0, 1). */
export function randomSuffix(random: () => number, length = 5): string {
  let suffix = ''
  for (let i = 0; i < length; i++) suffix += NAME_ALPHABET[Math.floor(random() * NAME_ALPHABET.length)]
  return suffix
}

// What the names of arrays say: which bias belongs to which weights, which order is natural, and how a matrix is likely to lie.

const words = /^(.*?)(weights?|kernel|coefs?|(?<![a-z])w)([^a-z]*)$/i
const biasWords = /^(.*?)(bias(?:es)?|intercepts?|(?<![a-z])b)([^a-z]*)$/i

const stemOf = (pattern: RegExp, name: string) => {
  const found = pattern.exec(name)
  return found === null ? null : `${found[1]}·${found[3]}`
}

/** What a weight's name and its bias's have in common (`fc1.weight` and `fc1.bias`, `W1` and `b1`); null where it is neither. */
export const weightStem = (name: string) => stemOf(words, name)
export const biasStem = (name: string) => stemOf(biasWords, name)

const collator = new Intl.Collator('en', { numeric: true })
/** Numbers in names count as numbers: 2.weight before 10.weight. */
export const naturally = (a: string, b: string) => collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0)

/** A name without its numbers. */
export const family = (name: string) => name.replace(/\d+/g, '#')

/** Keras's kernels, scikit-learn's coefs and W1, W2, … lie inputs × outputs; what PyTorch calls weight lies outputs × inputs. */
export const liesOutputsFirst = (names: readonly string[]) => names.some((name) => /weight/i.test(name))

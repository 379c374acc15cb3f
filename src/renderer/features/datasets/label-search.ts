// Which classes a search means: by a part of their names, or by their number.
export interface LabelMatch {
  readonly classes: readonly number[]
  /** In words, for the line above the samples. */
  readonly said: string
}

const most = 4

/** `names` by class number. A whole number means the class of that number, and one that is called so. */
export function matchLabels(names: readonly string[], text: string): LabelMatch {
  const wanted = text.trim().toLowerCase()
  const isNumber = /^\d+$/.test(wanted)
  const classes = names.flatMap((name, number) => {
    const is = isNumber ? number === Number(wanted) || name.toLowerCase() === wanted : name.toLowerCase().includes(wanted)
    return is ? [number] : []
  })
  const called = classes.slice(0, most).map((number) => (names[number] === String(number) ? names[number] : `${names[number]} (${number})`))
  return { classes, said: called.join(', ') + (classes.length > most ? ` and ${classes.length - most} more classes` : '') }
}

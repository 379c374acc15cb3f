// How many of the training samples `data.validation` splits off.

/** `samples`: training samples after `data.trainLimit`. A fraction is rounded to whole samples. */
export function validationCount(samples: number, validation: number | null): number {
  if (validation === null) return 0
  return validation < 1 ? Math.round(validation * samples) : validation
}

/** Why a split leaves a side empty; null when it does not. */
export function validationFault(samples: number, validation: number | null): string | null {
  const count = validationCount(samples, validation)
  if (validation === null || (count >= 1 && count < samples)) return null
  const right = samples < 2 ? 'null (there are too few to split)' : `a fraction or a count that gives 1 to ${samples - 1}`
  const what = count === 0 ? 'none of them' : `${count}, which leaves none to train on`
  return `must be ${right}: of ${samples} training sample${samples === 1 ? '' : 's'}, ${validation} splits off ${what}`
}

// The snapshot that is meant by a place on an axis of steps.

/** The nearest of ascending steps, of two equally near ones the earlier; null when there is none. */
export function nearestStep(steps: ArrayLike<number>, place: number): number | null {
  let best: number | null = null
  for (let i = 0; i < steps.length; i++) if (best === null || Math.abs(steps[i] - place) < Math.abs(best - place)) best = steps[i]
  return best
}

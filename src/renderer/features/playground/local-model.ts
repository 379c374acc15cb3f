// The quadratic model of a function at a point, and the steps that follow from it, in two dimensions.

export interface LocalFigures {
  readonly value: number
  readonly gradient: ArrayLike<number>
  /** 2 × 2, row-major. */
  readonly hessian: ArrayLike<number>
  /** Ascending. */
  readonly eigenvalues: ArrayLike<number>
  /** Columns, row-major. */
  readonly eigenvectors: ArrayLike<number>
}

/** f + g·d + ½ dᵀHd. */
export function modelValue({ value, gradient, hessian }: LocalFigures, dx: number, dy: number): number {
  return value + gradient[0] * dx + gradient[1] * dy + 0.5 * (hessian[0] * dx * dx + 2 * hessian[1] * dx * dy + hessian[3] * dy * dy)
}

/** The model on a square grid of `size`² points around the point, rows from the top, reaching `radius` along each axis. */
export function modelGrid(local: LocalFigures, radiusX: number, radiusY: number, size: number): Float64Array {
  const values = new Float64Array(size * size)
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      values[row * size + column] = modelValue(local, ((2 * column) / (size - 1) - 1) * radiusX, (1 - (2 * row) / (size - 1)) * radiusY)
  return values
}

/** −Q w(Λ) Qᵀ g: Newton's step with w = 1/λ, saddle-free with w = 1/|λ|. Null where an eigenvalue is zero or not finite. */
export function spectralStep({ gradient, eigenvalues, eigenvectors }: LocalFigures, saddleFree: boolean): [number, number] | null {
  const step: [number, number] = [0, 0]
  for (let k = 0; k < 2; k++) {
    const curvature = saddleFree ? Math.abs(eigenvalues[k]) : eigenvalues[k]
    if (!Number.isFinite(curvature) || curvature === 0) return null
    const along = gradient[0] * eigenvectors[k] + gradient[1] * eigenvectors[2 + k]
    step[0] -= (along / curvature) * eigenvectors[k]
    step[1] -= (along / curvature) * eigenvectors[2 + k]
  }
  return step
}

/** What the Hessian says about the point's surroundings. */
export function curvatureKind(eigenvalues: ArrayLike<number>): string {
  const [low, high] = [eigenvalues[0], eigenvalues[1]]
  if (!Number.isFinite(low) || !Number.isFinite(high)) return 'not finite here'
  const zero = 2 * 2 ** -52 * Math.max(Math.abs(low), Math.abs(high))
  if (Math.abs(low) <= zero && Math.abs(high) <= zero) return 'flat to second order'
  if (low > zero) return 'curved upwards: a bowl'
  if (high < -zero) return 'curved downwards: a dome'
  if (low < -zero && high > zero) return 'curved both ways: a saddle'
  return 'flat along one direction'
}

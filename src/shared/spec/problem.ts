// A fault in a run spec: where it is and what would be right.

export interface SpecProblem {
  /** Dotted path in the spec, such as `optimizer.damping.value`. */
  readonly path: string
  readonly message: string
}

/** One line a problem, `path: message`. */
export function problemLine({ path, message }: SpecProblem): string {
  return path === '' ? message : `${path}: ${message}`
}

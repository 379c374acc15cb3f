// Colours of lines: a run's is its own on every screen; inside one run ten series colours of the theme tell figures apart.
import { colourOf } from '../../shared/run/colour'
import { themeVersion, token } from '../ui/theme-version'

const count = 10

export function seriesColour(index: number): string {
  void themeVersion.value
  return token(`--series-${(((index % count) + count) % count) + 1}`)
}

/** The only source of a run's colour. */
export const runColour = colourOf

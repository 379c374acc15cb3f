// The colour of a metric: the same wherever one run's figures are drawn, also by block.
import { seriesColour } from '../../app/colours'
import { metricPlace } from './metrics'

export const metricColour = (name: string) => seriesColour(metricPlace(name))

// Which example was asked for; its dialog offers to make the runs that are missing.
import { shallowRef } from 'vue'
import type { Example } from '../../shared/spec/examples'

export const askedExample = shallowRef<Example | null>(null)

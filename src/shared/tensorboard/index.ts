// TensorBoard's event files, written.
export { stepRecord, versionRecord, type HistogramEntry, type ScalarEntry } from './events'

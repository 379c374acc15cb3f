// A dataset in memory: its manifest and, for training and test samples, pixels or features, labels and real-valued targets.
import type { DatasetManifest } from '../../shared/datasets/schema'

export interface DatasetLabels {
  /** One class number a sample, 0 … names − 1; null where the set has none. */
  readonly fine: Int32Array | null
  readonly coarse: Int32Array | null
}

export interface DatasetSplit {
  /** count × features, row-major. Images are planes (channel, row, column). */
  readonly x: Uint8Array | Float64Array
  readonly count: number
  readonly features: number
  readonly labels: DatasetLabels
  /** Real-valued targets, count × manifest.targets, row-major; null for classes. */
  readonly targets: Float64Array | null
}

export interface Dataset {
  readonly manifest: DatasetManifest
  readonly train: DatasetSplit
  /** Null when the set has no test samples. */
  readonly test: DatasetSplit | null
}

/** What an importer or a generator knows before the data are written: everything but the list of files. */
export type DatasetDescription = Omit<DatasetManifest, 'files' | 'fingerprint' | 'schemaVersion'>

/** A dataset that is not on disk yet. */
export interface DatasetSource {
  readonly description: DatasetDescription
  readonly train: DatasetSplit
  readonly test: DatasetSplit | null
}
